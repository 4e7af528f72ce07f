import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Graph } from '../../src/cli/graph.js'
import { makeRepository } from '../stream/git/made.js'

/** What the graph of these versions looks like; `child: parent parent`, newest first. */
function drawn(...versions: string[]): string[] {
  const graph = new Graph()
  return versions.flatMap((text) => {
    const [versionId = '', rest = ''] = text.split(':')
    const [own, ...further] = graph.rowsOf({ versionId, parents: rest.split(' ').filter(Boolean) })
    return [`${own} ${versionId}`, ...further]
  })
}

describe('the graph of versions', () => {
  it('is a line where there are no merges', () => {
    expect(drawn('c:b', 'b:a', 'a:')).toEqual(['* c', '* b', '* a'])
  })

  it('parts at a merge and meets again at the fork', () => {
    expect(drawn('m:b d', 'd:a', 'b:a', 'a:')).toEqual(['*   m', '|\\', '| * d', '* | b', '|/', '* a'])
  })

  it('moves the columns beside a merge aside, and crosses them', () => {
    expect(drawn('n:m e', 'm:b d', 'e:a', 'd:a', 'b:a', 'a:')).toEqual([
      ...['*   n', '|\\', '* |   m', '|\\ \\', '| | * e', '| * | d', '| |/', '* | b', '|/', '* a'],
    ])
    expect(drawn('n:m e', 'm:b d', 'e:b', 'd:a', 'b:a', 'a:').slice(4, 8)).toEqual(['| | * e', '| |/', '|/|', '| * d'])
  })

  it('goes far to the left in one row', () => {
    const rows = drawn('p:o n', 'o:m f', 'm:b e', 'n:b', 'f:a', 'e:a', 'b:a', 'a:')
    expect(rows.slice(0, 9)).toEqual([
      ...['*   p', '|\\', '* |   o', '|\\ \\', '* | |   m', '|\\ \\ \\', '| | | * n', '| |_|/', '|/| |'],
    ])
  })

  it('draws a merge of what is in the next column already, and one of many', () => {
    expect(drawn('n:m d', 'm:b d', 'd:a', 'b:a', 'a:').slice(0, 4)).toEqual(['*   n', '|\\', '* | m', '|\\|'])
    expect(drawn('m:a b c', 'c:', 'b:', 'a:').slice(0, 3)).toEqual(['*-.   m', '|\\ \\', '| | * c'])
    expect(drawn('m:a b c d', 'd:').slice(0, 2)).toEqual(['*---.   m', '|\\ \\ \\'])
  })

  it('begins a column for each version that none before descends from, and ends it at a root', () => {
    expect(drawn('b:a', 'y:', 'a:')).toEqual(['* b', '| * y', '* a'])
    expect(drawn('m:a b', 'a:', 'b:')).toEqual(['*   m', '|\\', '* | a', ' /', '* b'])
  })

  it('is what git draws', () => {
    using repository = makeRepository()
    const commits = new Map<string, string>()
    for (const text of ['1:', '2:1', '3:1', '4:3', '5:3 2', '6:5', '7:5 4', '8:7 6', '9:8']) {
      const [name = '', rest = ''] = text.split(':')
      const parents = rest.split(' ').flatMap((parent) => commits.get(parent) ?? [])
      commits.set(name, repository.commit([{ path: name, content: '' }], { message: name, parents }))
    }
    const names = new Map([...commits].map(([name, id]) => [id, name]))
    const order = repository.git(['log', 'main', '--format=%s:%P', '--graph', '--no-color'])
    const theirs = order.trim().split('\n')
    const versions = theirs.flatMap((line) => {
      const [, name, parents] = /\* .*?(\w+):([0-9a-f ]*)$/.exec(line) ?? []
      if (name === undefined) return []
      return [
        `${name}:${(parents ?? '')
          .split(' ')
          .map((id) => names.get(id) ?? '')
          .join(' ')}`,
      ]
    })
    expect(versions).toHaveLength(9)
    expect(drawn(...versions)).toEqual(theirs.map((line) => line.replace(/:[0-9a-f ]*$/, '').trimEnd()))
  })

  it('shows every version once, in a column of its own, whatever the merges', () => {
    let merges = 0
    const descent = fc.array(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 3 }), {
      minLength: 10,
      maxLength: 40,
    })
    fc.assert(
      fc.property(descent, (steps) => {
        const versions = steps.map((back, index) => {
          const parents = [...new Set(back.map((distance) => index + 1 + distance))].filter((one) => one < steps.length)
          if (parents.length > 1) merges++
          return `${index}:${parents.join(' ')}`
        })
        const rows = drawn(...versions)
        const shown = rows.flatMap((row) => (row.includes('*') ? [row.split(' ').at(-1)] : []))
        expect(shown).toEqual(versions.map((_, index) => String(index)))
        for (const row of rows) expect(row).toMatch(/^[ |/\\_]*(\*[-.]*[ |]* \d+)?$/)
        for (const text of versions) {
          const [versionId = '', parents = ''] = text.split(':')
          expect(followed(rows, versionId)).toEqual(expect.arrayContaining(parents.split(' ').filter(Boolean)))
        }
      }),
      { numRuns: 300 },
    )
    expect(merges).toBeGreaterThan(500)
  })
})

/** The versions at which the lines from this one may end, as an eye follows them. */
function followed(rows: readonly string[], versionId: string): string[] {
  const start = rows.findIndex((row) => row.endsWith(` ${versionId}`))
  const row = rows[start] as string
  const column = row.indexOf('*') / 2
  const dashes = /\*(-*)\./.exec(row)?.[1]?.length ?? -1
  let columns = new Set(Array.from({ length: 1 + (dashes + 1) / 2 }, (_, index) => column + index))
  const ends: string[] = []
  for (const next of rows.slice(start + 1)) {
    const reached = new Set<number>()
    for (const at of columns) {
      if (next[2 * at] === '*') ends.push(next.split(' ').at(-1) as string)
      if (next[2 * at] === '|') reached.add(at)
      if (next[2 * at - 1] === '/') for (const column of along(next, at - 1)) reached.add(column)
      if (next[2 * at + 1] === '\\') reached.add(at + 1)
    }
    columns = reached
  }
  return ends
}

/** The columns at which a line that comes to this one may end: it may go on along `_`. */
function along(row: string, column: number): number[] {
  return row[2 * column - 1] === '_' ? [column, ...along(row, column - 1)] : [column]
}
