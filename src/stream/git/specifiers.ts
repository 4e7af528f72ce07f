/**
 * The relative specifiers of a JavaScript or TypeScript source: what it imports from its neighbours.
 *
 * A small grammar of our own and no library: es-module-lexer reads neither types nor JSX nor
 * `require`, and TypeScript, which has what is needed, is 20 MB for one function. Found are
 * `import './a'`, `import … from './a'`, `export … from './a'`, `import('./a')` and
 * `require('./a')`, types included; an argument that is not one literal names nothing.
 * Source and specifiers are bytes, one character each (latin1): a specifier then compares with a
 * path of git, whatever the encoding.
 */
import { type TokenKind, Tokens } from './tokens.js'

/** A longer specifier names nothing on any file system. */
const maxSpecifierLength = 4096

/** What has been read: a keyword, the clause behind it, its `from`, a call's `(`, its literal. */
type State = 'nothing' | 'import' | 'require' | 'clause' | 'from' | 'call' | 'argument'

/**
 * The distinct relative specifiers of `source`, by first appearance.
 *
 * Cost: O(length), one pass, whatever the input; what follows the last candidate is not read.
 */
export function relativeSpecifiers(source: string): string[] {
  const last = Math.max(...['"', "'", '`'].map((quote) => source.lastIndexOf(`${quote}.`)))
  const found = new Set<string>()
  const tokens = new Tokens(source)
  let state: State = 'nothing'
  let inBraces = false
  let argument = ''

  while ((tokens.start <= last || state === 'argument') && tokens.next()) {
    const { kind, text } = tokens
    if (kind === 'string' && (state === 'import' || state === 'from')) {
      addRelative(found, text)
      state = 'nothing'
    } else if (state === 'argument') {
      if (text === ')' || text === ',') addRelative(found, argument)
      state = 'nothing'
    } else if (state === 'call' && kind === 'string') {
      argument = text
      state = 'argument'
    } else if ((state === 'import' || state === 'require') && text === '(') {
      state = 'call'
    } else if (kind === 'word' && !inBraces && isKeyword(text) && !isProperty(source, tokens)) {
      state = text === 'export' ? 'clause' : text
    } else if (state === 'import' || state === 'clause' || state === 'from') {
      state = afterInClause(kind, text, inBraces)
    } else state = 'nothing'

    if (state !== 'clause') inBraces = false
    else if (text === '{') inBraces = true
    else if (text === '}') inBraces = false
  }
  return [...found]
}

/**
 * A clause is made of words, commas, a star and one pair of braces, strings inside them; anything
 * else shows that it was a declaration, or no clause at all.
 */
function afterInClause(kind: TokenKind, text: string, inBraces: boolean): State {
  if (kind === 'word') return text === 'from' && !inBraces ? 'from' : 'clause'
  if (kind === 'string') return inBraces ? 'clause' : 'nothing'
  if (text === '{') return inBraces ? 'nothing' : 'clause'
  return text === '}' || text === ',' || text === '*' ? 'clause' : 'nothing'
}

function isKeyword(word: string): word is 'import' | 'export' | 'require' {
  return word === 'import' || word === 'export' || word === 'require'
}

/** Whether the word is a member's name, as in `a.import`; after `...` it is none. */
function isProperty(source: string, word: { start: number }): boolean {
  return source[word.start - 1] === '.' && source[word.start - 2] !== '.'
}

function addRelative(found: Set<string>, specifier: string): void {
  // An escape in a specifier is legal, but nobody writes one: it is not worth a decoder.
  const isPlain = specifier.length <= maxSpecifierLength && !specifier.includes('\\')
  if (!isPlain || !/^\.\.?(?:\/|$)/.test(specifier)) return
  // A copy, for a part of a string keeps the whole source in memory.
  found.add(Buffer.from(specifier, 'latin1').toString('latin1'))
}
