/** JSON Pointers (RFC 6901): their text and their tokens. */
import { refusedText } from './json.js'

/** Why a value is no pointer into metadata, or undefined if it is one. */
export function refusedPointer(pointer: unknown): string | undefined {
  if (typeof pointer !== 'string') return 'must be a JSON Pointer'
  if (pointer === '') return undefined
  if (!pointer.startsWith('/')) return 'must be a JSON Pointer: empty, or beginning with "/"'
  if (/~(?![01])/.test(pointer)) return 'must be a JSON Pointer: "~" stands only in "~0" and "~1"'
  if (parsePointer(pointer).includes('__proto__')) return 'names the key "__proto__", which JavaScript reserves'
  return refusedText(pointer)
}

/** The tokens of a pointer: none for ''. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((token) => (token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token))
}

/** The pointer of these tokens. */
export function toPointer(tokens: readonly string[]): string {
  let pointer = ''
  for (const token of tokens) pointer += `/${escaped(token)}`
  return pointer
}

function escaped(token: string): string {
  return token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token
}
