/** `export`: versions as a stream that `import` reads. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import type { VersionRecord } from '../index.js'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { findOutputFile, writeOutputFile } from './output-file.js'
import { referenceOf } from './reference.js'
import { openToRead } from './universe.js'

interface Options {
  from?: string
  to?: string
  output?: string
}

export const manual: Manual = {
  details: `A version a line, parents before children. A file of this name is always whole: it is
written beside and renamed at the end, with the permissions of the one that it replaces. A
pipe or a device is written to as it is; a SQLite database is never replaced.`,
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
        const { output } = options
        // What is there already need not be opened by its name, which cannot be done where it is a socket.
        const file = output === undefined || output === '/dev/stdout' ? undefined : findOutputFile(output)
        await using universe = await openToRead(command)
        const records = universe.export({
          ...(options.from === undefined ? {} : { from: await referenceOf(universe, options.from) }),
          ...(options.to === undefined ? {} : { to: await referenceOf(universe, options.to) }),
          signal,
        })
        const lines = Readable.from(linesOf(records))
        if (file !== undefined) await writeOutputFile(lines, file, signal)
        else await pipeline(lines, process.stdout, { end: false, signal })
      }),
    )
}

async function* linesOf(records: AsyncIterable<VersionRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`
}
