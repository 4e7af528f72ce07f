/** `import <file>`: adds the versions of a stream; those that are there already are passed over. */

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { ImportSource } from '../index.js'
import { NotFoundError } from '../model/errors.js'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { print, printJson } from './output.js'
import { withImportBar } from './progress.js'
import { isJson, openToWrite } from './universe.js'

export const manual: Manual = {
  details: 'Run again it passes over what is there: after Ctrl-C or a bad line it goes on where it ended.',
  examples: [
    { call: 'iu import versions.ndjson.gz', purpose: 'from a file' },
    { call: 'zcat versions.ndjson.gz | iu import -', purpose: 'from a pipe' },
  ],
}

export function define(command: Command): void {
  command.argument('<file>', 'NDJSON, plain or gzip; - reads it from stdin').action(async (file: string) => {
    // Before a universe is made for it.
    if (file !== '-' && !existsSync(file)) throw new NotFoundError({ what: 'The file', id: file })
    await interruptible(async (signal) => {
      if (file === '-') signal.addEventListener('abort', () => process.stdin.destroy(), { once: true })
      await importFrom(command, file === '-' ? process.stdin : file, signal)
    })
  })
}

/** Imports a source, of `total` versions where that is known, into the universe that the command names, and says what came of it. */
export async function importFrom(
  command: Command,
  source: ImportSource,
  signal: AbortSignal,
  total?: number,
): Promise<void> {
  await using universe = await openToWrite(command)
  const result = await withImportBar(total, (onProgress) => universe.import(source, { signal, onProgress }))
  if (isJson(command)) printJson(result)
  else print(`imported ${result.imported}, skipped ${result.skipped}`)
}
