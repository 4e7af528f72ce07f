/** A snapshot against the state that the deltas lead to, line by line. */
import { snapshotRow, snapshotSize } from '../../../queries/snapshot.js'
import { elements, type StateRow } from '../../../queries/standing.js'
import { first, type Work } from '../../database/work.js'
import type { ElementKind } from '../../model/entity.js'
import { IntegrityError } from '../../model/errors.js'
import { compareIds } from '../../model/id.js'
import type { MemoryGraph } from '../../state/memory.js'
import { linesOf, readSummary, snapshotFormat } from '../../state/snapshot/format.js'
import type { Findings } from './findings.js'
import { stateRow } from './lane.js'

/** Compares the snapshot of a version with its state. Memory: a chunk. */
export function* verifySnapshot(versionId: string, graph: MemoryGraph, findings: Findings): Work<void> {
  const place = `snapshot of version ${versionId}`
  try {
    yield* compareSnapshot(versionId, graph, (problem) => findings.add(place, problem, versionId))
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error
    findings.add(place, error.message, versionId)
  }
}

function* compareSnapshot(versionId: string, graph: MemoryGraph, tell: (problem: string) => void): Work<void> {
  const summary = readSummary(yield* dataAt(versionId, 0))
  const rows = (yield* first(snapshotSize, { versionId }))?.count
  if (rows !== summary.chunks + 1) tell(`has ${rows} rows, its first row says ${summary.chunks + 1}`)

  const reader = new LineReader(graph, tell)
  for (let position = 1; position <= summary.chunks; position++) {
    for (const line of linesOf(yield* dataAt(versionId, position)).split('\n')) reader.read(line)
  }
  const { entities, relations } = graph
  if (reader.entities !== entities.size) tell(`has ${reader.entities} entities, the deltas say ${entities.size}`)
  if (reader.relations !== relations.size) tell(`has ${reader.relations} relations, the deltas say ${relations.size}`)
  for (const name of ['entities', 'relations', 'bytes'] as const) {
    if (summary[name] !== reader[name]) tell(`has ${reader[name]} ${name}, its first row says ${summary[name]}`)
  }
}

function* dataAt(versionId: string, position: number): Work<Uint8Array> {
  const row = yield* first(snapshotRow, { versionId, position })
  if (row === undefined) throw new IntegrityError({ reason: `its row ${position} is missing` })
  if (row.format === snapshotFormat) return row.data
  throw new IntegrityError({
    reason: `its row ${position} has format ${row.format}, this program knows ${snapshotFormat}`,
  })
}

/** Reads lines in their order: entities by id, then relations by id, each once. */
class LineReader {
  entities = 0
  relations = 0
  bytes = 0
  private last = ''

  constructor(
    private readonly graph: MemoryGraph,
    private readonly tell: (problem: string) => void,
  ) {}

  read(line: string): void {
    const row = parse(line)
    const isEntity = row.length === elements.entity.columns.length
    const element = isEntity ? 'entity' : 'relation'
    const id = row[0] as string
    if (isEntity && this.relations > 0) this.tell(`entity ${id} stands after relations`)
    if (!isEntity && this.relations === 0) this.last = ''
    if (compareIds(id, this.last) <= 0) this.tell(`${element} ${id} stands after ${this.last}`)
    this.last = id
    this.bytes += Buffer.byteLength(line) + 1
    if (isEntity) this.entities++
    else this.relations++
    const standing = isEntity ? this.graph.entities.get(id) : this.graph.relations.get(id)
    if (standing === undefined) this.tell(`${element} ${id} stands, though the deltas do not say so`)
    else if (line !== expectedLine(element, stateRow(standing))) this.tell(`${element} ${id} is not as the deltas say`)
  }
}

/** Its own reckoning, so that a line that was written wrong is found whoever wrote it. */
function expectedLine(element: ElementKind, row: ReturnType<typeof stateRow>): string {
  const texts = elements[element].columns.map((column) =>
    column === 'metadata' ? row.metadata : JSON.stringify(row[column]),
  )
  return `[${texts.join(',')}]`
}

function parse(line: string): StateRow {
  try {
    const row = JSON.parse(line) as unknown
    if (Array.isArray(row) && typeof row[0] === 'string') return row as StateRow
  } catch (cause) {
    throw new IntegrityError({ reason: 'a line is no JSON', cause })
  }
  throw new IntegrityError({ reason: 'a line is no state' })
}
