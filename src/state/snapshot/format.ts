/**
 * How a snapshot is written: a line for each state, entities by id, then relations by id, in chunks.
 *
 * A line is the JSON array of a state's columns, in the order of its table, with the metadata as it
 * is: canonical JSON. An array of entity's length is an entity. A chunk is lines, compressed; it has
 * a checksum, so that a flipped bit is noticed by whoever reads it.
 */
import { gunzipSync, gzip } from 'node:zlib'
import { elements, type StateRow } from '../../../queries/standing.js'
import { IntegrityError } from '../../model/errors.js'
import { canonicalJson, type JsonObject } from '../../model/json.js'
import { type MemoryGraph, Standing } from '../memory.js'
import { columnOf, entityFrom, metadataTextOf, relationFrom } from '../rows.js'

/** The format of the rows that this program writes, in each of them. */
export const snapshotFormat = 1

/** What the first row of a snapshot says of the others. */
export interface Summary {
  chunks: number
  entities: number
  relations: number
  /** The bytes of all lines. */
  bytes: number
}

export function writeSummary({ chunks, entities, relations, bytes }: Summary): Uint8Array {
  return Buffer.from(JSON.stringify({ bytes, chunks, entities, relations }))
}

/**
 * Reads what the first row of a snapshot says.
 *
 * @throws {IntegrityError} for what is none.
 */
export function readSummary(data: Uint8Array): Summary {
  const summary = read(() => JSON.parse(Buffer.from(data).toString()) as Summary)
  const counts = [summary?.chunks, summary?.entities, summary?.relations, summary?.bytes]
  if (counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return summary
  throw new IntegrityError({ reason: 'the first row of a snapshot says nothing of the others' })
}

/** The line of a state. */
export function lineOf(row: StateRow): string {
  const text = JSON.stringify
  const { metadata } = columnOf[row.length === elements.entity.columns.length ? 'entity' : 'relation']
  const json = metadataTextOf(row[metadata]) ?? canonicalJson(row[metadata] as unknown as JsonObject)
  if (row.length === elements.entity.columns.length) {
    return `[${text(row[0])},${text(row[1])},${row[2]},${row[3]},${json},${row[5]},${row[6]},${row[7]}]`
  }
  return `[${text(row[0])},${text(row[1])},${text(row[2])},${text(row[3])},${row[4]},${row[5]},${json},${row[7]},${row[8]},${row[9]}]`
}

/** Compresses lines. The work is done beside the process's own. */
export function compress(lines: readonly string[]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(lines.join('\n'), { level: 1 }, (error, data) => (error === null ? resolve(data) : reject(error)))
  })
}

/**
 * The lines of a chunk.
 *
 * @throws {IntegrityError} for a chunk that is damaged.
 */
export function linesOf(data: Uint8Array): string {
  return read(() => gunzipSync(data).toString())
}

/**
 * Adds the states of a chunk to a graph.
 *
 * @throws {IntegrityError} for a chunk that is damaged.
 */
export function addChunk(graph: MemoryGraph, data: Uint8Array): void {
  const rows = read(() => JSON.parse(`[${linesOf(data).replaceAll('\n', ',')}]`) as ParsedRow[])
  for (const row of rows) {
    if (row.length === elements.entity.columns.length) {
      const { metadata, fromSequence } = columnOf.entity
      graph.addEntity(
        new Standing(entityFrom(row as StateRow, row[metadata] as JsonObject), row[fromSequence] as number),
      )
    } else {
      const { metadata, fromSequence } = columnOf.relation
      graph.addRelation(
        new Standing(relationFrom(row as StateRow, row[metadata] as JsonObject), row[fromSequence] as number),
      )
    }
  }
}

type ParsedRow = readonly (string | number | null | JsonObject)[]

function read<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new IntegrityError({ reason: `a snapshot is damaged: ${(cause as Error).message}`, cause })
  }
}
