/** What somebody may have meant who misspelt the name of a type. */
import type { View } from '../index.js'
import { printable, remark } from './output.js'

/** More edits than this make another word. */
const mostEdits = 3

/** Says of each type asked for that none stands in the view, and which one may be meant. */
export async function remarkUnknownTypes(
  view: View,
  element: 'entity' | 'relation',
  asked: readonly string[] | undefined,
): Promise<void> {
  if (asked === undefined) return
  const types = await view.types()
  const known = (element === 'entity' ? types.entities : types.relations).map(({ type }) => type)
  for (const type of asked) {
    if (known.includes(type)) continue
    const [best, ...others] = similar(type, known).map(printable)
    const meant = others.length === 0 ? best : `one of ${[best, ...others].join(', ')}`
    const question = best === undefined ? '' : `; did you mean ${meant}?`
    remark(`no ${element} of type "${printable(type)}" stands here${question}`)
  }
}

/** The names that are least edits away, but no further than half of the word; case counts less than an edit. */
export function similar(word: string, names: readonly string[]): string[] {
  let fewest = Math.min(mostEdits, Math.ceil(word.length / 2)) + 1
  let found: string[] = []
  for (const name of names) {
    const edits = Math.min(editsBetween(word, name), editsBetween(word.toLowerCase(), name.toLowerCase()) + 0.5)
    if (edits > fewest || edits >= Math.min(mostEdits, Math.ceil(word.length / 2)) + 1) continue
    if (edits < fewest) found = []
    fewest = edits
    found.push(name)
  }
  return found
}

/** Insertions, deletions, replacements and exchanges of neighbours (Damerau and Levenshtein, restricted). */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > mostEdits) return mostEdits + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let edits = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1)
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (exchanged) edits = Math.min(edits, (before[j - 2] as number) + 1)
      row.push(edits)
    }
    before = last
    last = row
  }
  return last[b.length] as number
}
