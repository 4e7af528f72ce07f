/**
 * Running git, and no git left behind.
 *
 * Only plumbing is run: it does not heed the settings that change what porcelain shows. Which
 * repository it reads is the environment's to say (`repository.ts`).
 */
import { execFile, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { AbortError, IntegrityError, NotFoundError } from '../../model/errors.js'

/** Where git runs: its folder and its whole environment. An aborted signal kills it. */
export interface Place {
  directory: string
  environment: NodeJS.ProcessEnv
  signal: AbortSignal | undefined
}

/** A running git. Disposed of before its end, it is killed. */
export interface GitProcess extends Disposable {
  stdin: Writable
  stdout: Readable
  /**
   * Resolves once git has ended well.
   *
   * @throws {IntegrityError} in git's own words where it has not.
   * @throws {AbortError} where the signal ended it.
   */
  finished(): Promise<void>
}

/** How much of git's complaints is kept. */
const maxComplaintLength = 1000

/** Starts git. What it writes waits in its pipe until it is read. */
export function startGit({ directory, environment, signal }: Place, args: string[]): GitProcess {
  const child = spawn('git', args, { cwd: directory, env: environment, windowsHide: true })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })

  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-maxComplaintLength)
  })
  child.stdin.on('error', () => {}) // Git has ended before it was told everything: its status says why.
  const ended = new Promise<string | undefined>((settle) => {
    child.on('error', (error) => settle(error.message))
    child.on('close', (status) => settle(status === 0 ? undefined : oneLine(complaint)))
  })

  return {
    stdin: child.stdin,
    stdout: child.stdout,
    async finished() {
      const failure = await ended
      throwIfAborted(signal)
      if (failure !== undefined) throw unreadable(args, failure)
    },
    [Symbol.dispose]() {
      signal?.removeEventListener('abort', kill)
      kill()
    },
  }
}

/** A git that has ended: what it answered, without the last line feed, and what it complained of. */
export interface Answer {
  status: number
  answer: string
  complaint: string
}

/**
 * Runs git for one short answer.
 *
 * @throws {NotFoundError} where there is no program `git`.
 */
export async function askGit(
  args: string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  throwIfAborted(signal)
  return new Promise((settle, fail) => {
    const options = { env: environment, windowsHide: true }
    execFile('git', args, options, (error, stdout, stderr) => {
      const status = error ? error.code : 0
      if (typeof status !== 'number') {
        fail(new NotFoundError({ what: 'Program', id: 'git', cause: error }))
      } else settle({ status, answer: stdout.replace(/\n$/, ''), complaint: oneLine(stderr) })
    })
  })
}

/** The error for a repository that git has found but cannot read. */
export function unreadable(args: string[], complaint: string): IntegrityError {
  const [command] = args
  return new IntegrityError({ reason: `The repository cannot be read: git ${command}: ${complaint}` })
}

/** Throws `AbortError` once `signal` is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError({ cause: signal.reason })
}

function oneLine(complaint: string): string {
  return complaint.replace(/\s+/g, ' ').trim()
}
