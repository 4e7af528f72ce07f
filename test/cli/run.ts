/** The built command line as a child process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = fileURLToPath(new URL('../../dist/src/cli/', import.meta.url))

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

interface RunOptions {
  input?: string | Buffer
  env?: Record<string, string>
  cwd?: string
  /** Whether its stdin stays open. */
  keepStdin?: boolean
  /** Called as soon as the program runs. */
  onStart?: (child: ChildProcessWithoutNullStreams) => void
}

/** Runs the program to its end. Nothing of the tests' own environment names a universe or a colour. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runProgram('main.js', args, options)
}

export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { INNER_UNIVERSE_DB: _db, NO_COLOR: _noColour, FORCE_COLOR: _force, ...rest } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [resolvePath(dist, program), ...args], {
      env: { ...rest, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    const ended: Ended = { status: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.stderr += text
    })
    child.on('error', reject).on('close', (status) => resolve({ ...ended, status }))
    // It may end before it has read everything.
    child.stdin.on('error', () => undefined)
    if (!options.keepStdin) child.stdin.end(options.input ?? '')
    options.onStart?.(child)
  })
}

/** The error object that `--json` puts on stderr. */
export function errorOf({ stderr }: Ended): { code: string; message: string; details: object; hint: string | null } {
  return JSON.parse(stderr).error
}

export interface Folder extends Disposable {
  /** A path inside. */
  at(name: string): string
}

/** A new folder, removed at the end of its scope. */
export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'inner-universe-cli-'))
  return {
    at: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

const records = [
  {
    version: 'aaaa1111-first',
    parents: [],
    timestamp: Date.UTC(2024, 0, 1, 10),
    owner: 'ada',
    description: 'Arrival\n\nThe body of it',
    operations: [
      { op: 'createEntity', id: 'ada', entityType: 'Person', metadata: { name: 'Ada', tags: ['x'] } },
      { op: 'createEntity', id: 'acme', entityType: 'Company', metadata: {} },
      { op: 'createEntity', id: 'initech', entityType: 'Company', metadata: {} },
    ],
  },
  {
    version: 'aaaa1111-second',
    parents: ['aaaa1111-first'],
    timestamp: Date.UTC(2024, 1, 1, 10),
    owner: 'grace',
    description: 'Work',
    operations: [
      {
        op: 'createRelation',
        id: 'r1',
        relationType: 'WORKS_AT',
        from: 'ada',
        to: 'acme',
        metadata: { since: 2024 },
        validFrom: 0,
      },
      { op: 'createRelation', id: 'r2', relationType: 'OWNS', from: 'ada', to: 'initech', metadata: {} },
    ],
  },
  {
    version: 'bbbb2222-third',
    parents: ['aaaa1111-second'],
    timestamp: Date.UTC(2024, 2, 1, 10),
    owner: 'ada',
    description: 'Fame \u001b[31m',
    operations: [
      { op: 'deleteRelation', id: 'r2' },
      {
        op: 'updateEntity',
        id: 'ada',
        changes: [
          { op: 'set', path: '/name', value: 'Ada Lovelace' },
          { op: 'set', path: '/famous', value: true },
          { op: 'delete', path: '/tags' },
        ],
      },
    ],
    branch: 'main',
  },
]

/** The sample history as a stream: three versions, one a month from January 2024 on. */
export const stream = records.map((record) => `${JSON.stringify(record)}\n`).join('')

/** Makes a universe with the sample history. */
export async function makeSample(path: string): Promise<string> {
  const { status, stderr } = await run(['import', '-', '--db', path], { input: stream })
  if (status !== 0) throw new Error(stderr)
  return path
}
