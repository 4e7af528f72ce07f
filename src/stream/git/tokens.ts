/**
 * Cuts JavaScript and TypeScript into words, strings and marks.
 *
 * The inside of a comment, a string, a template or a regular expression never comes out as a
 * token. Where only a full parser could tell (an apostrophe in JSX text, `/` after `}`), a wrong
 * guess costs at most the rest of its line: what does not end on its line was no string and no
 * regular expression. One pass: where something failed to end, it is not tried again before there.
 */

/** A `literal` is a regular expression, or the part of a template beside a `${…}`. */
export type TokenKind = 'word' | 'string' | 'literal' | 'mark'

const wordsBeforeRegex = new Set([
  ...['await', 'case', 'delete', 'do', 'else', 'in', 'instanceof', 'new', 'of', 'return', 'throw'],
  ...['typeof', 'void', 'yield'],
])
const wordsBeforeCondition = new Set(['for', 'if', 'while', 'with'])
const longestSuchWord = 'instanceof'.length

/** A source and the token that `next` moved to. Characters are bytes (latin1). Cost: O(length). */
export class Tokens {
  kind: TokenKind = 'mark'
  start = 0
  end = 0

  readonly #source: string
  /** For each open parenthesis: whether it holds the condition of a statement. */
  readonly #parentheses: boolean[] = []
  /** For each open `${`: how many braces were open around it. */
  readonly #substitutions: number[] = []
  #braces = 0
  #regexMayFollow = true
  #conditionMayFollow = false
  /** By what would open it: up to where it is known not to end. */
  readonly #endlessBefore = new Map<string, number>()

  constructor(source: string) {
    this.#source = source
    if (source.startsWith('\u00ef\u00bb\u00bf')) this.end = 3
    if (source.startsWith('#!', this.end)) this.end = endOfLine(source, this.end)
  }

  /** The word, the inside of the string (a template without `${` is one), or the mark. */
  get text(): string {
    if (this.kind === 'string') return this.#source.slice(this.start + 1, this.end - 1)
    return this.#source.slice(this.start, this.end)
  }

  /** Moves to the next token; false at the end. */
  next(): boolean {
    const source = this.#source
    this.start = this.#afterBlank()
    if (this.start >= source.length) return false

    const first = source.charAt(this.start)
    if (isWordCharacter(source.charCodeAt(this.start))) this.#word()
    else if (first === '"' || first === "'") this.#string(first)
    else if (first === '`') this.#template()
    else if (first === '/' && this.#regexMayFollow) this.#regex()
    else this.#mark(first)
    return true
  }

  #afterBlank(): number {
    const source = this.#source
    for (let at = this.end; at < source.length; at++) {
      const code = source.charCodeAt(at)
      if (code === lineFeed) {
        // What begins a line after `}` is likelier a regular expression than a division.
        if (source[this.end - 1] === '}') this.#regexMayFollow = true
      } else if (code === slash && source[at + 1] === '/') {
        at = endOfLine(source, at) - 1
      } else if (code === slash && source[at + 1] === '*') {
        const end = this.#endOf('/*', at, endOfComment)
        if (end < 0) return at
        at = end
      } else if (code > space) return at
    }
    return source.length
  }

  #word(): void {
    const source = this.#source
    let end = this.start + 1
    while (isWordCharacter(source.charCodeAt(end))) end++
    const isProperty = source[this.start - 1] === '.' && source[this.start - 2] !== '.'
    this.#moveTo('word', end)
    if (isProperty || end - this.start > longestSuchWord) return
    this.#regexMayFollow = wordsBeforeRegex.has(this.text)
    this.#conditionMayFollow = wordsBeforeCondition.has(this.text)
  }

  #string(quote: string): void {
    const end = this.#endOf(quote, this.start, endOfString)
    if (end < 0) this.#moveTo('mark', this.start + 1)
    else this.#moveTo('string', end + 1)
  }

  /** From a backtick, or from the `}` of a `${…}`, to the closing backtick or the next `${`. */
  #template(): void {
    const source = this.#source
    const end = this.#endOf('`', this.start, endOfTemplatePart)
    if (end < 0) this.#moveTo('mark', this.start + 1)
    else if (source[end] === '`') {
      this.#moveTo(source[this.start] === '`' ? 'string' : 'literal', end + 1)
    } else {
      this.#substitutions.push(this.#braces)
      this.#moveTo('literal', end + 2)
      this.#regexMayFollow = true
    }
  }

  #regex(): void {
    const source = this.#source
    // `</div>` and `<br />`: no regular expression stands or begins like that.
    const isTag = source[this.start - 1] === '<' || source[this.start + 1] === '>'
    const end = isTag ? -1 : this.#endOf('/', this.start, endOfRegex)
    if (end < 0) this.#mark('/')
    else this.#moveTo('literal', end + 1)
  }

  #mark(mark: string): void {
    const condition = this.#conditionMayFollow
    const { start } = this
    const doubled = (mark === '+' || mark === '-') && this.#source[start - 1] === mark

    if (mark === '}' && this.#substitutions.at(-1) === this.#braces) {
      this.#substitutions.pop()
      this.#template()
      return
    }
    this.#moveTo('mark', start + 1)
    this.#regexMayFollow = mark !== ']' && mark !== '}' && !doubled
    if (mark === '{') this.#braces++
    else if (mark === '}') this.#braces--
    else if (mark === '(') this.#parentheses.push(condition)
    else if (mark === ')') this.#regexMayFollow = this.#parentheses.pop() ?? false
  }

  #moveTo(kind: TokenKind, end: number): void {
    this.kind = kind
    this.end = end
    this.#regexMayFollow = kind === 'mark'
    this.#conditionMayFollow = false
  }

  /** Where what `opening` opens at `from` ends, as `search` finds it; negative where it does not. */
  #endOf(opening: string, from: number, search: (source: string, from: number) => number): number {
    if (from < (this.#endlessBefore.get(opening) ?? 0)) return -1
    const end = search(this.#source, from)
    if (end < 0) this.#endlessBefore.set(opening, ~end)
    return end
  }
}

const lineFeed = 10
const space = 32
const slash = 47
const backslash = 92

function isWordCharacter(code: number): boolean {
  // a–z, A–Z, 0–9, _, $ and every byte beyond ASCII; NaN (the end of the source) is none.
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 36 ||
    code >= 128
  )
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from)
  return end < 0 ? source.length : end
}

// Each of these gives the index of the last character, or ~index where it gave up.

function endOfComment(source: string, from: number): number {
  const end = source.indexOf('*/', from + 2)
  return end < 0 ? ~source.length : end + 1
}

function endOfString(source: string, from: number): number {
  const quote = source.charCodeAt(from)
  for (let at = from + 1; at < source.length; at++) {
    const code = source.charCodeAt(at)
    if (code === quote) return at
    if (code === lineFeed) return ~at
    if (code === backslash) at++
  }
  return ~source.length
}

function endOfTemplatePart(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at++) {
    const code = source.charCodeAt(at)
    if (code === 96 || (code === 36 && source[at + 1] === '{')) return at
    if (code === backslash) at++
  }
  return ~source.length
}

function endOfRegex(source: string, from: number): number {
  let inClass = false
  for (let at = from + 1; at < source.length; at++) {
    const code = source.charCodeAt(at)
    if (code === slash && !inClass) return at
    if (code === lineFeed) return ~at
    if (code === 91) inClass = true
    else if (code === 93) inClass = false
    else if (code === backslash && source.charCodeAt(at + 1) !== lineFeed) at++
  }
  return ~source.length
}
