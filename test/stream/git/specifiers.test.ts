// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are sources with templates.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relativeSpecifiers } from '../../../src/stream/git/specifiers.js'

describe('the relative specifiers of a source', () => {
  it.each([
    ["import './a'", './a'],
    ['import "./a"', './a'],
    ["import a from './a'", './a'],
    ["import * as a from './a'", './a'],
    ["import a, { b as c, type D } from './a'", './a'],
    ["import {\n  a, // from './no'\n  b,\n} from\n'./a'", './a'],
    ["import { 'a name' as b } from './a'", './a'],
    ["import { from } from './a'", './a'],
    ["import from from './a'", './a'],
    ["import { require, default as import_ } from './a'", './a'],
    ["import type { A } from './a'", './a'],
    ["import a from './a' with { type: 'json' }", './a'],
    ["import{a}from'./a'", './a'],
    ["import a = require('./a')", './a'],
    ["export * from './a'", './a'],
    ["export * as a from './a'", './a'],
    ["export { a, b as default } from './a'", './a'],
    ["export type { A } from './a'", './a'],
    ["export default import('./a')", './a'],
    ["const a = await import('./a')", './a'],
    ["const a = await import(/* name */ './a', { with: {} })", './a'],
    ['import(`./a`)', './a'],
    ["type A = import('./a').A", './a'],
    ["const a = require('./a')", './a'],
    ["module.exports = { ...require('./a') }", './a'],
    ["if (x) /'/.test(y); require('./a')", './a'],
    ["const x = a / b; require('./a'); c / d", './a'],
    ["x = `${`${require('./a')}`} './no'`", './a'],
    ["x = `\\`${'}'}`; require('./a')", './a'],
    ["const s = 'it\\'s'; require('./a')", './a'],
    ["const r = /[/'\"`]/; require('./a')", './a'],
    ["i++ / 2; require('./a') / 1", './a'],
    ["const e = <p>Don't</p>\nrequire('./a')", './a'],
    ['const e = <A b="/" c={`d`} />\nrequire(\'./a\')', './a'],
    ["const e = <b>x</b>; f(`g/h`)\nrequire('./a')", './a'],
    ["}\n/'/.test(x)\nrequire('./a')", './a'],
    ["#!/usr/bin/env it's\nimport './a'", './a'],
    ["\u00ef\u00bb\u00bfimport './a'", './a'],
    ["import '.'", '.'],
    ["import '..'", '..'],
    ["import '../a/'", '../a/'],
    ["import './caf\u00c3\u00a9'", './caf\u00c3\u00a9'],
  ])('%j names %j', (source, specifier) => {
    expect(relativeSpecifiers(source)).toEqual([specifier])
    expect(relativeSpecifiers(`'use strict'\n${source}\nimport './last'`)).toContain('./last')
  })

  it.each([
    "import 'a'",
    "import '/a'",
    "import '.a'",
    "import '...'",
    "// import './a'",
    "/* import './a' */",
    '\'import "./a"\'',
    '`import "./a"`',
    "`${x} require('./a')`",
    "/require('.\\/a')/.test(x)",
    "a.require('./a')",
    "a.import('./a')",
    "a?.import('./a')",
    "a.export * from './a'",
    "require('./a' + b)",
    'require(`./${a}`)',
    "import(a ? './a' : './b')",
    "require.resolve('./a')",
    "requires('./a')",
    "export const from = './a'",
    "export default './a'",
    "export function from() { return './a' }",
    "const from = './a'",
    "from './a'",
    "import.meta.url + './a'",
    "({ import: './a', export: './b' })",
    "declare module './a' {}",
    "import './a\\x62'",
    "import './unterminated",
    `import './${'x'.repeat(5000)}'`,
  ])('%j names none', (source) => {
    expect(relativeSpecifiers(source)).toEqual([])
  })

  it('are each given once, by first appearance', () => {
    const source = "import './b'\nimport './a'\nexport * from './b'\nrequire('./c')"
    expect(relativeSpecifiers(source)).toEqual(['./b', './a', './c'])
  })

  it('are found in a declaration after an export', () => {
    const source = "export class A { static a = require('./a'); b() { return import('./b') } }"
    expect(relativeSpecifiers(source)).toEqual(['./a', './b'])
    expect(relativeSpecifiers("export enum A { B, C }\nimport './a'")).toEqual(['./a'])
  })

  it('are found in one pass, whatever the source', () => {
    const pieces = ["'", '"', '`', '/', '\\', '${', '}', '(', ')', '[', '/*', '//', '\n', "import './a'"]
    const hostile = [
      ...pieces,
      ...pieces.flatMap((a) => pieces.map((b) => a + b)),
      ...["\\'", "'\\", '`${', '/[', '/\\', "import'", "import{'", "require('.'", "'.", '<a/>'],
    ]
    for (const piece of hostile) {
      const source = piece.repeat(131_072 / piece.length)
      const start = performance.now()
      relativeSpecifiers(`${source}'./`)
      expect(performance.now() - start, JSON.stringify(piece)).toBeLessThan(1_000)
    }
  })

  it('are found in any bytes without an error', () => {
    const piece = fc.constantFrom(
      ...["'", '"', '`', '/', '\\', '${', '{', '}', '(', ')', '[', ']', '/*', '*/', '//', '\n', ' '],
      ...['import', 'export', 'from', 'require', "'./a'", '"../b"', "import './a'", "from './a'"],
      ...['*', ',', '.', '...', 'if', '\u00e9'],
    )
    let found = 0
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const specifiers = relativeSpecifiers(pieces.join(''))
        if (specifiers.length > 0) found++
        for (const specifier of specifiers) expect(specifier).toMatch(/^\.{1,2}(?:\/|$)/)
      }),
      { numRuns: 5_000 },
    )
    expect(found).toBeGreaterThan(50)
  })
})
