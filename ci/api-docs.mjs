/**
 * The API reference, out of the declarations that the package ships: each public name with its
 * docstring and its signature. What it says is written in src, and nowhere else.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** What one meets first, in the order in which one meets it; everything else follows by name. */
const chapters = [
  { title: 'Open', names: ['openUniverse', 'UniverseOptions', 'defineSchema'] },
  { title: 'Universe', names: ['Universe'] },
  { title: 'View', names: ['View', 'Traversal'] },
  { title: 'Draft', names: ['Draft'] },
  { title: 'Versions and events', names: ['Versions', 'EventLog'] },
]

/** The page, as it stands in docs/api.md. */
export function apiPage(root) {
  const path = join(root, 'dist/src/index.d.ts')
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const declarations = declarationsOf(source)
  const named = new Set(chapters.flatMap(({ names }) => names))
  const rest = [...declarations.keys()].filter((name) => !named.has(name)).sort()
  const errors = rest.filter((name) => name.endsWith('Error'))
  const all = [
    ...chapters,
    { title: 'Errors', names: ['UniverseError', ...errors.filter((name) => name !== 'UniverseError')] },
    { title: 'Types', names: rest.filter((name) => !errors.includes(name)) },
  ]
  const lines = all.flatMap(({ title, names }) => [
    `## ${title}`,
    '',
    ...names.flatMap((name) => sectionOf(name, declarations)),
  ])
  const hidden = hiddenBehind(declarations, source)
  lines.push('## Behind the types', '', 'These stand in signatures and are not exported.', '')
  // What has no docstring is machinery of the ones that have.
  const told = [...hidden].filter(([, [node]]) => docOf(node).length > 0).map(([name]) => name)
  for (const name of told.sort()) lines.push(...sectionOf(name, hidden))
  return `${[...head, ...lines].join('\n').trimEnd()}\n`
}

const head = [
  '# API',
  '',
  'Everything that `inner-universe` exports. Made by `npm run docs` out of the docstrings in `src`; changes are made there.',
  'For how to use it see the [guide](guide.md).',
  '',
]

/** The exported declarations by name; a function with several signatures has several. */
function declarationsOf(source) {
  const exported = new Set()
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause) continue
    for (const { name } of statement.exportClause.elements) exported.add(name.text)
  }
  const found = new Map([...exported].map((name) => [name, []]))
  for (const statement of source.statements) {
    if (statement.name && found.has(statement.name.text)) found.get(statement.name.text).push(statement)
  }
  const missing = [...found].filter(([, nodes]) => nodes.length === 0).map(([name]) => name)
  if (missing.length > 0) throw new Error(`Not declared in one file: ${missing.join(', ')}`)
  return found
}

/** The declarations that public ones refer to, near or far, and that nobody can import. */
function hiddenBehind(declarations, source) {
  const local = new Map()
  for (const statement of source.statements) {
    if (statement.name) local.set(statement.name.text, [...(local.get(statement.name.text) ?? []), statement])
  }
  const hidden = new Map()
  const look = (node) => {
    if (ts.isClassElement(node) && !isPublic(node)) return
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const name = (node.typeName ?? node.expression).getText()
      if (local.has(name) && !declarations.has(name) && !hidden.has(name)) {
        hidden.set(name, local.get(name))
        for (const declaration of local.get(name)) look(declaration)
      }
    }
    ts.forEachChild(node, look)
  }
  for (const nodes of declarations.values()) nodes.forEach(look)
  return hidden
}

function sectionOf(name, declarations) {
  const nodes = declarations.get(name)
  if (!nodes) throw new Error(`${name} is exported no longer: take it out of ci/api-docs.mjs`)
  const [node] = nodes
  if (ts.isClassDeclaration(node) && !name.endsWith('Error')) return classOf(name, node)
  const isType = !ts.isFunctionDeclaration(node)
  const [first, second] = [docOf(node), fence(nodes.map(declarationText))]
  return [`### ${name}`, '', ...(isType ? [...first, ...second] : [...second, ...first])]
}

/** A class: what it is, and each public member with its docstring. */
function classOf(name, node) {
  const members = new Map()
  for (const member of node.members.filter(isPublic)) {
    const key = member.name.getText()
    members.set(key, [...(members.get(key) ?? []), member])
  }
  return [
    `### ${name}`,
    '',
    ...docOf(node),
    ...[...members].flatMap(([key, overloads]) => {
      const call = ts.isMethodDeclaration(overloads[0]) ? '()' : ''
      return [`#### ${name}.${key}${call}`, '', ...fence(overloads.map(bare)), ...docOf(overloads[0])]
    }),
  ]
}

function isPublic(member) {
  if (ts.isConstructorDeclaration(member) || !member.name || ts.isComputedPropertyName(member.name)) return false
  return !(ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected))
}

/** A declaration with the comments inside, without `declare` and what is private. */
function declarationText(node) {
  const source = node.getSourceFile().text
  let text = source.slice(node.getStart(), node.end)
  for (const member of [...(node.members ?? [])].reverse()) {
    if (!ts.isClassDeclaration(node) || isPublic(member)) continue
    const from = member.getFullStart() - node.getStart()
    text = text.slice(0, from) + text.slice(member.end - node.getStart())
  }
  return text.replace(/^declare /, '')
}

/** A member as declared, without its docstring and its indentation. */
function bare(node) {
  return node.getSourceFile().text.slice(node.getStart(), node.end).replaceAll(/^ {2}/gm, '')
}

function fence(texts) {
  return ['```typescript', ...texts.map(broken), '```', '']
}

/** A long signature has a line for each of its arguments. */
function broken(text) {
  if (text.includes('\n') || text.length <= 110) return text
  const open = text.indexOf('(')
  if (open === -1) return text
  const [parts, close] = argumentsIn(text, open)
  return [`${text.slice(0, open)}(`, ...parts.map((part) => `  ${part.trim()},`), text.slice(close)].join('\n')
}

/** What stands between the parenthesis at `open` and its partner, cut at its own commas. */
function argumentsIn(text, open) {
  const parts = []
  let depth = 0
  let from = open + 1
  for (let at = open; at < text.length; at++) {
    const sign = text[at]
    if ('([{'.includes(sign) || (sign === '<' && text[at - 1] !== '=')) depth++
    else if (')]}'.includes(sign) || (sign === '>' && text[at - 1] !== '=')) depth--
    if (depth === 1 && sign === ',') {
      parts.push(text.slice(from, at))
      from = at + 1
    }
    if (depth === 0) return [[...parts, text.slice(from, at)], at]
  }
  throw new Error(`Not closed: ${text}`)
}

/** A docstring: its text, what it throws, its examples. */
function docOf(node) {
  const docs = node.jsDoc ?? []
  const doc = docs.at(-1)
  if (!doc) return []
  const text = ts.getTextOfJSDocComment(doc.comment) ?? ''
  const lines = text === '' ? [] : [...text.split('\n'), '']
  const throws = (doc.tags ?? []).filter(({ tagName }) => tagName.text === 'throws').map(throwsOf)
  if (throws.length > 0) lines.push(...throws, '')
  for (const tag of (doc.tags ?? []).filter(({ tagName }) => tagName.text === 'example')) {
    lines.push('```typescript', ts.getTextOfJSDocComment(tag.comment)?.trim() ?? '', '```', '')
  }
  return lines
}

function throwsOf(tag) {
  const type = tag.typeExpression ? `${tag.typeExpression.getText().replaceAll(/[{}]/g, '')} ` : ''
  const text = `${type}${ts.getTextOfJSDocComment(tag.comment) ?? ''}`
  const names = text.replaceAll(/\{(\w+)\}/g, '$1').replace(
    /^((?:\w+Error ?)+)/,
    (all) =>
      `${all
        .trim()
        .split(/ +/)
        .map((name) => `\`${name}\``)
        .join(', ')} `,
  )
  return `- throws ${names.replaceAll(/\s*\n\s*/g, ' ').trim()}`
}
