/**
 * The version tree as a picture of text, as `git log --graph` draws it: a column for each line of
 * descent that is still to be followed, newest first.
 *
 * Each version is one row with a `*`. Where columns part, meet or move, rows without a version follow,
 * in which a line goes a column aside, or far to the left along `_`.
 */

/** What is drawn: a version and its parents. Parents come after all of their children. */
export interface Drawn {
  versionId: string
  parents: readonly string[]
}

/** A line on its way from one column to another. */
interface Line {
  at: number
  to: number
}

export class Graph {
  /** The version that each column waits for; no version twice. */
  private columns: string[] = []

  /** The rows of a version: the first is its own, all of it as wide as its widest. */
  rowsOf({ versionId, parents }: Drawn): string[] {
    const before = [...this.columns]
    if (!before.includes(versionId)) before.push(versionId)
    const own = before.indexOf(versionId)
    this.columns = unique(before.flatMap((id, column) => (column === own ? unique(parents) : [id])))
    const isLast = own === before.length - 1
    const head = before.map((_, column) => (column === own ? '*' : '|')).join(' ')
    const rows = [
      isLast ? `${head}${dashes(parents.length)}` : head,
      ...rowsBetween(before, own, unique(parents), this.columns),
    ]
    // Columns stand at even places.
    const width = Math.max(...rows.map((row) => row.length | 1), 2 * this.columns.length - 1)
    return [(rows[0] as string).padEnd(width), ...rows.slice(1)]
  }
}

/** The rows from what each column waited for to where it is awaited now; the version's own column goes to its parents. */
function rowsBetween(
  before: readonly string[],
  own: number,
  parents: readonly string[],
  after: readonly string[],
): string[] {
  // With nothing beside it the lines to a third parent and further begin at the end of the dashes.
  const startOf = (index: number) => (own === before.length - 1 ? own + Math.max(0, index - 1) : own)
  const direct = before.flatMap((id, column) => {
    if (column !== own) return [{ at: column, to: after.indexOf(id) }]
    return parents.map((parent, index) => ({ at: startOf(index), to: after.indexOf(parent) }))
  })
  const rows = transitions(direct)
  if (rows !== undefined) return rows
  // Two lines would cross between the same two columns: a column for each parent first, then each to its place.
  const spread = before.flatMap((id, column) => (column === own ? parents : [id]))
  const apart = before.flatMap((_, column) => {
    if (column !== own) return [{ at: column, to: column < own ? column : column + parents.length - 1 }]
    return parents.map((_parent, index) => ({ at: startOf(index), to: column + index }))
  })
  const together = spread.map((id, column) => ({ at: column, to: after.indexOf(id) }))
  return [...(transitions(apart) ?? []), ...(transitions(together) ?? [])]
}

/** To a third parent and further. */
function dashes(parents: number): string {
  return parents < 3 ? '' : `${'-'.repeat(2 * (parents - 2) - 1)}.`
}

/**
 * The rows in which the lines come to where they belong, a column at a time, but for one a row that may
 * go far to the left; undefined where two would cross between the same two columns.
 */
function transitions(lines: readonly Line[]): string[] | undefined {
  const rows: string[] = []
  let moving = lines
  while (moving.some(({ at, to }) => at !== to)) {
    const far = moving.findIndex(({ at, to }) => at - to > 2)
    const next = moving.map((line, index) => stepOf(line, index === far))
    const cells =
      cellsOf(moving, next) ??
      cellsOf(
        moving,
        moving.map((line) => stepOf(line, false)),
      )
    if (cells === undefined) return undefined
    rows.push(Array.from(cells.strokes, (stroke) => stroke ?? ' ').join(''))
    moving = cells.after
  }
  return rows
}

/** A line one row further: a column nearer to where it belongs, or the last column before it. */
function stepOf({ at, to }: Line, isFar: boolean): Line {
  return { at: isFar ? to + 1 : at + Math.sign(to - at), to }
}

/** The strokes of a row; undefined where two lines would need different ones at one place. */
function cellsOf(
  before: readonly Line[],
  after: readonly Line[],
): { strokes: string[]; after: readonly Line[] } | undefined {
  const strokes: string[] = []
  const isFree = (place: number, stroke: string) => (strokes[place] ?? stroke) === stroke
  for (const [index, { at }] of before.entries()) {
    const { at: then } = after[index] as Line
    if (then >= at - 1) {
      const stroke = then === at ? '|' : then > at ? '\\' : '/'
      if (!isFree(at + then, stroke)) return undefined
      strokes[at + then] = stroke
      continue
    }
    for (let place = 2 * then + 1; place < 2 * at; place += 2) {
      if (strokes[place] !== undefined) return undefined
      strokes[place] = place === 2 * at - 1 ? '/' : '_'
    }
  }
  return { strokes, after }
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)]
}
