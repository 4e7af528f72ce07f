#!/usr/bin/env bash
# What npm would publish: packed, then looked at by publint and by attw, and for what must not be in it.
set -euo pipefail
cd "$(dirname "$0")/.."

node ci/build.mjs --if-stale
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" >/dev/null
tarball=$(echo "$folder"/*.tgz)

if tar -tzf "$tarball" | grep -vE '^package/(dist/src/(index|cli/(main|tour)|chunks/[^/]+)\.js|dist/src/index\.d\.ts|dist/THIRD-PARTY-LICENSES|package\.json|README\.md|LICENSE|CHANGELOG\.md)$'; then
  echo 'the package holds the files above, which it should not' >&2
  exit 1
fi
node_modules/.bin/publint run "$tarball" --strict
node_modules/.bin/attw "$tarball" --profile esm-only --no-emoji
