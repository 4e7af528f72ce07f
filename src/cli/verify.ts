/** `verify`: proves that the database is what its versions say, and names damage with its place. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { Finding, Version } from '../index.js'
import { NotFoundError, ValidationError } from '../model/errors.js'
import { isJsonObject, RefusedJson } from '../model/json.js'
import { parseJson } from '../model/text.js'
import { findings } from './failure.js'
import { interruptible } from './interrupt.js'
import type { Manual } from './manual.js'
import { colours, print, printable, printJson, printLines } from './output.js'
import { withVersionsBar } from './progress.js'
import { isJson, openToRead } from './universe.js'

export const manual: Manual = {
  details: `Every delta is replayed, along every branch, and every hash and row compared. Damage is named with
its place, and the exit status is 6. Quickly, the hashes of versions are followed and main's head is
compared with its own: no delta is read. A receipt is a version as \`show --json\` or a commit gave it.`,
  examples: [
    { call: 'iu verify', purpose: 'everything' },
    { call: 'iu verify --quick', purpose: 'the chain of versions and the head' },
    { call: 'iu verify --receipt receipt.json', purpose: 'and that one version is still there' },
  ],
}

export function define(command: Command): void {
  command
    .option('--quick', 'follow the hashes of versions and compare the head, without a look at the deltas')
    .option('--receipt <file>', 'prove too that this version (JSON, as a commit returned it) is still there')
    .action(({ quick, ...options }: { quick?: boolean; receipt?: string }) =>
      interruptible(async (signal) => {
        const receipt = options.receipt === undefined ? undefined : readReceipt(options.receipt)
        await using universe = await openToRead(command)
        const result = await withVersionsBar((onProgress) => universe.verify({ quick, receipt, signal, onProgress }))
        if (!result.ok) process.exitCode = findings
        if (isJson(command)) return printJson(result)
        printLines(result.findings.map(lineOf))
        const proved = `${result.versions} ${result.versions === 1 ? 'version' : 'versions'} verified`
        const found = `${result.count} ${result.count === 1 ? 'finding' : 'findings'}`
        const more = result.count > result.findings.length ? `, the first ${result.findings.length} shown` : ''
        print(result.ok ? `${colours.green('ok')}: ${proved}` : `${colours.red(found)}${more}: ${proved}`)
      }),
    )
}

function lineOf({ place, problem }: Finding): string {
  return `${colours.yellow(printable(place))}: ${printable(problem)}`
}

function readReceipt(path: string): Version {
  let text: string
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (cause) {
    throw new NotFoundError({ what: 'The receipt', id: path, cause })
  }
  try {
    const receipt = parseJson(text)
    if (!isJsonObject(receipt)) throw new RefusedJson([], 'must be an object')
    for (const key of ['versionId', 'versionHash']) {
      if (typeof receipt[key] !== 'string') throw new RefusedJson([key], 'must be a string')
    }
    return receipt as unknown as Version
  } catch (error) {
    if (!(error instanceof RefusedJson)) throw error
    const issues = [{ path: error.path.map((token) => `/${token}`).join(''), reason: error.reason }]
    throw new ValidationError({ what: 'The receipt is not valid', issues, cause: error })
  }
}
