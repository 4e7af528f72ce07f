/** `show <version>`: what a version is, and its operations. */
import type { Command } from 'commander'
import type { Version } from '../index.js'
import { NotFoundError } from '../model/errors.js'
import { linesOfOperation } from './describe.js'
import type { Manual } from './manual.js'
import { fullTime } from './moment.js'
import { aligned, print, printable, printJson, printLines } from './output.js'
import { referenceOf } from './reference.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  examples: [
    { call: 'iu show main', purpose: 'the newest version' },
    { call: 'iu show 2024-02-15 --json', purpose: 'the one that stood then, whole' },
  ],
}

export function define(command: Command): void {
  command.argument('<version>', 'a version, date or branch').action(async (text: string) => {
    await using universe = await openToRead(command)
    const version = await universe.versions.get(await referenceOf(universe, text))
    if (version === undefined) throw new NotFoundError({ what: 'A version at', id: text })
    const operations = await universe.versions.operations({ version: version.versionId })
    if (isJson(command)) return printJson({ ...version, operations })
    printLines([...linesOfVersion(version), ''])
    const count = operations.length
    printLines(operations.flatMap(linesOfOperation))
    print(`${count} ${count === 1 ? 'operation' : 'operations'}`)
  })
}

function linesOfVersion(version: Version): string[] {
  const { versionId, parents, sequence, timestamp, owner, description, dataHash, versionHash } = version
  const name = parents.length > 1 ? 'parents' : 'parent'
  return [
    ...aligned([
      ['version', printable(versionId)],
      [name, parents.map(printable).join(' ') || 'none'],
      ['sequence', String(sequence)],
      ['timestamp', fullTime(timestamp)],
      ['owner', printable(owner)],
      ['dataHash', dataHash],
      ['versionHash', versionHash],
    ]),
    '',
    ...description
      .trimEnd()
      .split('\n')
      .map((line) => `    ${printable(line)}`.trimEnd()),
  ]
}
