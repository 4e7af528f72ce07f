#!/usr/bin/env bash
# The packed tarball in a project of its own: installed, compiled against with nothing skipped under
# both ways of resolving modules, and run.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

node ci/build.mjs --if-stale
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack --silent --pack-destination "$folder" >/dev/null
cd "$folder"
mv ./*.tgz inner-universe.tgz

cat >package.json <<'JSON'
{ "private": true, "type": "module", "allowScripts": { "better-sqlite3": true } }
JSON
npm install --prefer-offline --no-audit --no-fund --no-package-lock ./inner-universe.tgz '@types/node@^20' 'zod@^4.6'

cat >consumer.ts <<'TS'
import { defineSchema, openUniverse } from 'inner-universe'
import { z } from 'zod'

const universe = await openUniverse(':memory:')
const version = await universe.commit('Ada arrives', (draft) => {
  draft.createEntity('Person', { name: 'Ada' }, { id: 'ada' })
})
const ada = await universe.at({ version: version.versionId }).requireEntity('ada')
console.log(`${version.sequence} ${ada.entityType} ${JSON.stringify(ada.metadata)}`)
await universe.close()

const schema = defineSchema({
  entities: { Person: z.object({ name: z.string(), age: z.number().optional() }) },
  relations: { KNOWS: { from: 'Person', to: 'Person' } },
})
const typed = await openUniverse(':memory:', { schema })
await typed.commit('Ada arrives', (draft) => {
  const person = draft.createEntity('Person', { name: 'Ada' }, { id: 'ada' })
  draft.createRelation('KNOWS', person, person)
  // @ts-expect-error: a person has no nickname
  draft.updateEntity(person, { nickname: 'Ada' })
})
const { items } = await typed.head.neighbours('ada', { relationType: 'KNOWS' })
const name: string | undefined = items[0]?.entity.metadata.name
console.log(name)
await typed.close()
TS

compile() {
  node "$root/node_modules/typescript/bin/tsc" consumer.ts --ignoreConfig --strict --exactOptionalPropertyTypes \
    --skipLibCheck false --target es2023 --lib es2023,esnext.disposable --types node "$@"
}
compile --module esnext --moduleResolution bundler --noEmit
compile --module nodenext --moduleResolution nodenext

said=$(node consumer.js)
[ "$said" = $'1 Person {"name":"Ada"}\nAda' ] || { echo "the consumer said: $said" >&2; exit 1; }

# The example of the README, as it stands there, says what it says that it says.
sed -n '/^## An example/,/^## /{/^```js$/,/^```$/p}' "$root/README.md" | sed '/^```/d' >example.mjs
want=$(sed -n 's/.*\/\/ → //p' example.mjs)
said=$(node example.mjs)
[ -n "$want" ] && [ "$said" = "$want" ] || { echo "the example of the README said: $said" >&2; exit 1; }

# And the tarball is light: what is installed with it aside.
[ "$(wc -c <inner-universe.tgz)" -lt 500000 ] || { ls -l inner-universe.tgz >&2; exit 1; }
if node -p 'Object.keys(require("./node_modules/inner-universe/package.json").scripts ?? {}).join("\n")' | grep -E '^(pre|post)?install$'; then
  echo 'the package has an install script of its own' >&2
  exit 1
fi
node_modules/.bin/iu --help >/dev/null
node_modules/.bin/iu import - --db consumer.db <<'NDJSON'
{"version":"v1","parents":[],"timestamp":1000,"operations":[{"op":"createEntity","id":"ada","entityType":"Person","metadata":{"name":"Ada"}}]}
NDJSON
node_modules/.bin/iu find --db consumer.db --where name=Ada | grep -q '^ada  Person'
node_modules/.bin/inner-universe --version
echo 'consumer: ok'
