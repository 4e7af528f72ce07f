#!/usr/bin/env bash
# The PostgreSQL server of the tests: starts Debian's where none answers, and says the address of a schema in it.
#
#   ci/postgres.sh                 makes sure that it answers
#   ci/postgres.sh <schema>        prints the address of a universe in this schema
#   ci/postgres.sh --drop <schema> drops it
set -euo pipefail
url=${TEST_POSTGRES_URL:-postgres://postgres@127.0.0.1:5432/test}

ask() { psql --no-psqlrc --quiet --tuples-only --no-align --dbname="$url" --command="$1" </dev/null; }

if [ "${1:-}" = --drop ]; then
  ask "set client_min_messages to warning; drop schema if exists \"$2\" cascade"
  exit
fi
if [ -n "${1:-}" ]; then
  echo "$url?schema=$1"
  exit
fi

if ! ask 'select 1' >/dev/null 2>&1; then
  version=$(ls /etc/postgresql 2>/dev/null | sort -n | tail -1)
  if [ -z "$version" ] || ! command -v pg_ctlcluster >/dev/null; then
    echo 'No PostgreSQL server answers, and none is installed: apt-get install postgresql' >&2
    exit 1
  fi
  # What the tests write need not outlive a power cut.
  pg_ctlcluster --skip-systemctl-redirect "$version" main start -- -o '-c fsync=off' || true
  for _ in $(seq 1 50); do
    ask 'select 1' >/dev/null 2>&1 && break
    sleep 0.2
  done
fi
ask "select 'PostgreSQL ' || current_setting('server_version') || ' answers'"
