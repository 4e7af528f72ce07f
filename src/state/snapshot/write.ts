/**
 * Writing a snapshot: page by page, chunk by chunk, in transactions of their own, so that commits come
 * between and memory is bounded by a chunk.
 *
 * The row at position 0 comes last. Killed before that, a process leaves rows that nobody reads and
 * that the next snapshot removes.
 */
import { branchByName } from '../../../queries/branch.js'
import { entitiesByIds } from '../../../queries/entity.js'
import { keyList, type ListGiven, type ListShape, stateList } from '../../../queries/list.js'
import { relationsByIds } from '../../../queries/relation.js'
import { dropUnfinished, insertSnapshot, snapshotRow, snapshotSize } from '../../../queries/snapshot.js'
import type { StateRow } from '../../../queries/standing.js'
import type { Database } from '../../database/database.js'
import { all, each, first, type Work } from '../../database/work.js'
import type { ElementKind } from '../../model/entity.js'
import { headPlace, isHead, type Place, placeOfVersion } from '../place.js'
import { compress, lineOf, type Summary, snapshotFormat, writeSummary } from './format.js'

/** How many states are read at a time, and how many ids of a past version. */
const statesAtOnce = 500
const idsAtOnce = 65_536

/**
 * Writes the snapshot of a version. Returns what it holds; undefined where somebody else has written it
 * or took away its rows meanwhile.
 */
export async function writeSnapshot(
  database: Database,
  versionId: string,
  chunkBytes: number,
): Promise<Summary | undefined> {
  const begun = await database.write(function* () {
    if ((yield* first(snapshotRow, { versionId, position: 0 })) !== undefined) return false
    yield* each(dropUnfinished, [{}])
    return true
  })
  if (!begun) return undefined

  const summary: Summary = { chunks: 0, entities: 0, relations: 0, bytes: 0 }
  let stored = 0
  const insert = (position: number, data: Uint8Array) =>
    each(insertSnapshot, [{ version_id: versionId, position, format: snapshotFormat, data }])
  for await (const lines of chunksOf(database, versionId, chunkBytes, summary)) {
    const data = await compress(lines)
    const position = ++summary.chunks
    stored += data.length
    await database.write(() => insert(position, data))
  }
  return database.write(function* () {
    const there = yield* first(snapshotSize, { versionId })
    if (there?.count !== summary.chunks || there.bytes !== stored) return undefined
    yield* insert(0, writeSummary(summary))
    return summary
  })
}

/** The lines of a version's state, a chunk at a time; what they are is counted. */
async function* chunksOf(
  database: Database,
  versionId: string,
  chunkBytes: number,
  summary: Summary,
): AsyncGenerator<string[]> {
  let lines: string[] = []
  let bytes = 0
  for (const [element, count] of [
    ['entity', 'entities'],
    ['relation', 'relations'],
  ] as const) {
    for await (const rows of pagesOf(database, versionId, element)) {
      for (const row of rows) {
        const line = lineOf(row)
        summary[count]++
        bytes += Buffer.byteLength(line) + 1
        if (lines.push(line) === 0 || bytes < chunkBytes) continue
        summary.bytes += bytes
        yield lines
        lines = []
        bytes = 0
      }
    }
  }
  if (lines.length === 0) return
  summary.bytes += bytes
  yield lines
}

/** The states of a version by id. As long as it is `main`'s head they are read as such; later by their ids. */
async function* pagesOf(database: Database, versionId: string, element: ElementKind): AsyncGenerator<StateRow[]> {
  let after: string | undefined
  let waiting: string[] = []
  for (;;) {
    const position = after
    const { rows, ids } = await database.scan(function* () {
      const place = yield* placeToRead(versionId)
      if (isHead(place)) return { rows: yield* headPage(element, position), ids: [] }
      const ids = waiting.length > 0 ? waiting : yield* idsAfter(place, element, position)
      return { rows: yield* statesOf(place, element, ids.slice(0, statesAtOnce)), ids: ids.slice(statesAtOnce) }
    })
    waiting = ids
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last[0] as string
  }
}

function* placeToRead(versionId: string): Work<Place> {
  const main = yield* first(branchByName, { name: 'main' })
  return main?.version_id === versionId ? headPlace : yield* placeOfVersion(versionId)
}

function headPage(element: ElementKind, after: string | undefined): Work<StateRow[]> {
  return all(stateList(pageShape(headPlace, element, after)), pageGiven(headPlace, after, statesAtOnce))
}

function* idsAfter(place: Place, element: ElementKind, after: string | undefined): Work<string[]> {
  const keys = yield* all(keyList(pageShape(place, element, after)), pageGiven(place, after, idsAtOnce))
  return keys.map(({ id }) => id)
}

function* statesOf(place: Place, element: ElementKind, ids: readonly string[]): Work<StateRow[]> {
  const statement = element === 'entity' ? entitiesByIds : relationsByIds
  const rows = yield* all(statement({ place: place.shape }), { ...place, ids })
  const byId = new Map(rows.map((row) => [row[0] as string, row]))
  return ids.map((id) => byId.get(id) as StateRow)
}

function pageShape(place: Place, element: ElementKind, after: string | undefined): ListShape {
  return {
    ...{ element, place: place.shape, conditions: [], sort: 'id', descending: false },
    after: after !== undefined,
  }
}

function pageGiven(place: Place, after: string | undefined, limit: number): ListGiven {
  return { ...place, ...(after === undefined ? {} : { afterId: after }), limit, offset: 0 } as Place & ListGiven
}
