/**
 * No SQL and no table name outside queries/ and migrations/; src/database alone may also say what a
 * connection is told (PRAGMA, BEGIN, COMMIT, ROLLBACK, VACUUM). Looks at string and template
 * literals, and at calls of Kysely's builder; comments and import paths do not count.
 *
 * Table names are those that migrations create. One without an underscore is an ordinary word too
 * ('entity'), so it is looked for only where the builder takes a table.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Statements by their shape, wherever the literal has them; prose does not look like this. */
const statements = [
  /\bSELECT\s(?:[\s\S]*\sFROM\s|[\s\S]*\()/,
  /^\s*select\s+(?:distinct\s+)?[\w"*.,()\s]+\sfrom\s+["\w]/i,
  /^\s*select\s+(?:\d+\s*$|\w+\s*\()/i,
  /^\s*with\s+(?:recursive\s+)?"?\w+"?\s*(?:\([^)]*\)\s*)?as\s+(?:(?:not\s+)?materialized\s*)?\(/i,
  /\b(?:insert|replace)\s+(?:or\s+\w+\s+)?into\s+["\w]+\s*(?:\(|values|select|default|$)/i,
  /\bupdate\s+(?:or\s+\w+\s+)?"?\w+"?\s+set\s+"?\w+"?\s*=/i,
  /^\s*delete\s+from\s+"?\w+"?\s*(?:where\b|returning\b|;|$)/i,
  /\b(?:create|drop)\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+|unique\s+|virtual\s+)*(?:table|index|view|trigger)\s+["\w]/i,
  /\balter\s+table\s+["\w]/i,
  /^\s*(?:analyze|reindex|attach\s+database|explain\s+query\s+plan|truncate\s+table)\b/i,
]
/** What only src/database says. A bare lower-case 'commit' is a word of ours. */
const connectionStatements = [
  /^\s*pragma\s+\w/i,
  /^\s*begin\s+(?:immediate|deferred|exclusive|transaction|isolation|read)\b/i,
  /^\s*vacuum(?:\s+into\b|\s*;?\s*$)/i,
  /^\s*(?:savepoint|release|rollback\s+to)\s+\w+\s*;?\s*$/i,
  /^\s*(?:BEGIN|COMMIT|ROLLBACK)\b(?:\s+TRANSACTION)?\s*;?\s*$/,
]
const builderCalls = new Set(
  'selectFrom insertInto replaceInto updateTable deleteFrom mergeInto createTable alterTable dropTable createIndex dropIndex createView dropView'.split(
    ' ',
  ),
)

const tables = tableNames()
const tellingTables = [...tables].filter((table) => table.includes('_'))
const findings = files('src').flatMap(findingsIn)

for (const { place, what } of findings) console.error(`${place}: ${what}`)
if (findings.length > 0) {
  console.error(`${findings.length} places outside queries/ and migrations/ speak SQL`)
  process.exit(1)
}
console.log(`no SQL and none of ${tables.size} tables named in src`)

function findingsIn(path) {
  const name = relative(root, path).replaceAll('\\', '/')
  const ofConnections = name.startsWith('src/database/')
  const found = []
  walk(path, (node, source) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    const report = (what) => found.push({ place: `${name}:${line + 1}`, what })

    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const called = node.expression.name.text
      if (builderCalls.has(called)) report(`a query is built here (${called})`)
    }
    const text = textOf(node)
    if (text === undefined) return
    const shown = JSON.stringify(text.trim().slice(0, 60))
    const patterns = ofConnections ? statements : [...statements, ...connectionStatements]
    if (patterns.some((pattern) => pattern.test(text))) report(`SQL ${shown}`)
    const table = tellingTables.find((candidate) => new RegExp(`\\b${candidate}\\b`).test(text))
    if (table) report(`names the table ${table}: ${shown}`)
  })
  return found
}

function textOf(node) {
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' x ')
  }
  if (!ts.isStringLiteral(node) && !ts.isNoSubstitutionTemplateLiteral(node)) return undefined
  const { parent } = node
  const isImport =
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
  return isImport ? undefined : node.text
}

function tableNames() {
  const names = new Set()
  for (const path of [...files('migrations'), ...files('queries')]) {
    walk(path, (node) => {
      if (
        ts.isCallExpression(node) &&
        ts.isPropertyAccessExpression(node.expression) &&
        node.expression.name.text === 'createTable' &&
        node.arguments[0] &&
        ts.isStringLiteralLike(node.arguments[0])
      ) {
        names.add(node.arguments[0].text)
      }
      const text = textOf(node) ?? ''
      const created = /create\s+(?:virtual\s+|temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?"?(\w+)/gi
      for (const [, table] of text.matchAll(created)) names.add(table)
    })
  }
  return names
}

function walk(path, visit) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const step = (node) => {
    visit(node, source)
    ts.forEachChild(node, step)
  }
  step(source)
}

function files(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name))
}
