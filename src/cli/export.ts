/** `export`: versions as a stream that `import` reads. */
import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Command } from 'commander'
import type { VersionRecord } from '../index.js'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { referenceOf } from './reference.js'
import { openToRead } from './universe.js'

interface Options {
  from?: string
  to?: string
  output?: string
}

export const manual: Manual = {
  details: `A version a line, parents before children. A file of this name is always whole: it is
written beside and renamed at the end.`,
  examples: [
    { call: 'iu export -o versions.ndjson.gz', purpose: 'everything, gzip' },
    { call: 'iu export --from 2024-02-15 | head -n 1', purpose: 'the first version after a date' },
  ],
}

export function define(command: Command): void {
  command
    .option('--from <version>', 'leave out this version and all that it descends from')
    .option('--to <version>', 'only this version and what it descends from')
    .option('-o, --output <file>', 'write to a file, gzip where its name ends in .gz (default: stdout)')
    .action((options: Options) =>
      interruptible(async (signal) => {
        await using universe = await openToRead(command)
        const records = universe.export({
          ...(options.from === undefined ? {} : { from: await referenceOf(universe, options.from) }),
          ...(options.to === undefined ? {} : { to: await referenceOf(universe, options.to) }),
          signal,
        })
        const lines = Readable.from(linesOf(records))
        if (options.output !== undefined) await writeFile(lines, options.output, signal)
        else await pipeline(lines, process.stdout, { end: false, signal })
      }),
    )
}

async function* linesOf(records: AsyncIterable<VersionRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`
}

/** Writes beside the file and renames at the end: a file of this name is whole. */
async function writeFile(lines: Readable, path: string, signal: AbortSignal): Promise<void> {
  const part = `${path}.${process.pid}.part`
  const file: Writable = createWriteStream(part, { flags: 'wx' })
  try {
    await (path.endsWith('.gz') ? pipeline(lines, createGzip(), file, { signal }) : pipeline(lines, file, { signal }))
    renameSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}
