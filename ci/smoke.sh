#!/usr/bin/env bash
# The built command line from end to end: a universe made, filled, read, proved and written out again.
set -euo pipefail
cd "$(dirname "$0")/.."

node ci/build.mjs --if-stale
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
db=$folder/smoke.db
step=start

iu() { node dist/src/cli/main.js "$@" </dev/null; }
fail() { echo "smoke, $step: $*" >&2; exit 1; }
# exits <status> <command…>: the command ends with that status.
exits() {
  local want=$1 got=0
  shift
  iu "$@" >"$folder/out" 2>"$folder/err" || got=$?
  [ "$got" = "$want" ] || { cat "$folder/out" "$folder/err" >&2; fail "exit status $got, not $want: $*"; }
}
says() { grep -qF -- "$1" "$folder/out" || { cat "$folder/out" >&2; fail "no '$1' in the output"; }; }
# The records of a stream, one a line, their keys in order.
sorted() {
  node -e '
    const ordered = (_, value) =>
      value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort()) : value
    for (const line of require("node:fs").readFileSync(process.argv[1], "utf8").trim().split("\n"))
      console.log(JSON.stringify(JSON.parse(line), ordered))' "$1"
}

cat >"$folder/stream.ndjson" <<'NDJSON'
{"version":"v1","parents":[],"timestamp":1000,"owner":"smoke","description":"Arrival","operations":[{"op":"createEntity","id":"ada","entityType":"Person","metadata":{"name":"Ada"}},{"op":"createEntity","id":"acme","entityType":"Company","metadata":{}}]}
{"version":"v2","parents":["v1"],"timestamp":2000,"owner":"smoke","description":"Work","operations":[{"op":"createRelation","id":"r1","relationType":"WORKS_AT","from":"ada","to":"acme","metadata":{"since":2024}}]}
{"version":"v3","parents":["v2"],"timestamp":3000,"owner":"smoke","description":"Fame","operations":[{"op":"updateEntity","id":"ada","changes":[{"op":"set","path":"/name","value":"Ada Lovelace"}]}],"branch":"main"}
NDJSON

step=usage
exits 0 --help
exits 2 no-such-command
exits 2 log --no-such-option --db "$db"

step='missing file'
exits 3 log --db "$db"
[ ! -e "$db" ] || fail 'a read created the file'

step=init
exits 0 init --db "$db"
[ -s "$db" ] || fail 'no file'
exits 0 migrate list --db "$db"

step=import
exits 0 import "$folder/stream.ndjson" --db "$db"
says 'imported 3, skipped 0'
exits 0 import "$folder/stream.ndjson" --db "$db"
says 'imported 0, skipped 3'

step=log
exits 0 log --db "$db"
for description in Arrival Work Fame; do says "$description"; done

step=show
exits 0 show v3 --db "$db"
says '~ entity ada'

step=reads
exits 0 get ada --db "$db" --json
says 'Ada Lovelace'
exits 0 get ada --db "$db" --at v1 --json
says '"Ada"'
exits 0 neighbours ada --db "$db" --json
says 'acme'
exits 0 find --type Person --where 'name^=Ada' --db "$db"
says 'ada  Person'
exits 0 find --relation --touching acme --where 'since>=2024' --count --db "$db"
says 1
exits 0 reachable ada --at v2 --db "$db"
says '1  acme'
exits 0 path acme ada --direction both --db "$db"
says '←  WORKS_AT'
exits 3 path acme ada --db "$db"
exits 0 materialise v2 --from deltas --db "$db" --json
says '"relations": ['
exits 0 log --graph --db "$db"
says '* v3'
exits 2 find --tpye Person --db "$db"
grep -q 'Did you mean --type' "$folder/err" || fail 'no suggestion'
exits 0 completion bash
bash -n "$folder/out"
exits 3 get nobody --db "$db"
exits 3 get ada --db "$db" --at no-such-version
exits 5 get ada --db "$db" --at v --json
grep -q '"code":"VALIDATION"' "$folder/err" || fail 'no error object'
exits 0 get ada --db "$db" --at @1500 --json
says '"Ada"'
exits 0 history ada --db "$db"
exits 0 stats --db "$db"
exits 0 diff v1 v3 --db "$db"
exits 6 diff v1 v3 --exit-code --db "$db"

step=verify
exits 0 verify --db "$db"

step=export
exits 0 export --db "$db"
cp "$folder/out" "$folder/exported.ndjson"
[ "$(wc -l <"$folder/exported.ndjson")" = 3 ] || fail 'not three versions'
exits 0 export --db "$db" --output "$folder/exported.ndjson.gz"
exits 0 init --db "$folder/again.db"
exits 0 import "$folder/exported.ndjson.gz" --db "$folder/again.db"
exits 0 export --db "$folder/again.db"
cmp <(sorted "$folder/exported.ndjson") <(sorted "$folder/out") || fail 'another stream after a round trip'
exits 0 verify --db "$folder/again.db"

step='backup'
exits 0 backup "$folder/copy.db" --db "$db"
exits 0 verify --db "$folder/copy.db"

step='tour'
(cd "$folder" && node "$OLDPWD/dist/src/cli/tour.js" </dev/null >"$folder/out")
says 'universe.head.neighbours('

step=terminal
# A terminal of util-linux; the tests of the command line know all of it that needs none.
if script -qec true /dev/null >/dev/null 2>&1; then
  script -qec "node dist/src/cli/main.js log --db '$db'" /dev/null >"$folder/out" </dev/null
  grep -q "$(printf '\033')\[33mv3" "$folder/out" || fail 'no colour on a terminal'
  says 'years ago'
  NO_COLOR=1 script -qec "node dist/src/cli/main.js log --db '$db'" /dev/null >"$folder/out" </dev/null
  if grep -q "$(printf '\033')\[" "$folder/out"; then fail 'colour in spite of NO_COLOR'; fi
  script -qec "node dist/src/cli/main.js import '$folder/stream.ndjson' --db '$folder/bar.db'" /dev/null >"$folder/out" </dev/null
  says 'imported 3, skipped 0'
fi

step='bad input'
echo '{"version":"v9","parents":["nowhere"],"timestamp":1,"operations":[]}' >"$folder/bad.ndjson"
exits 5 import "$folder/bad.ndjson" --db "$db"
[ -s "$folder/err" ] || fail 'nothing on stderr'

step='closed pipe'
set +o pipefail
iu log --db "$db" 2>"$folder/err" | true
[ "${PIPESTATUS[0]}" = 0 ] || fail 'not 0'
[ ! -s "$folder/err" ] || fail "$(cat "$folder/err")"
set -o pipefail
echo 'smoke: ok'
