/** Processes of their own, with the built library: `test/database/child.mjs` says what they can do. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The path of a file, given from this folder. */
export const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** The built library, as an import names it. */
export const library = new URL('../../dist/src/index.js', import.meta.url).href

export interface Child {
  process: ChildProcess
  lines: string[]
  /** Resolves at the first line that begins so, or when the child has ended. */
  says(word: string): Promise<void>
  /** Resolves at the next line, or when the child has ended. */
  saysMore(): Promise<void>
  ended: Promise<unknown>
}

/** Starts a process with a task, a database, and what the task needs. */
export function start(...args: string[]): Child {
  const child = spawn(process.execPath, [pathOf('../database/child.mjs'), library, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() as string
    lines.push(...parts)
    child.emit('said')
  })
  const ended = once(child, 'close')
  const says = async (word: string) => {
    let over = false
    ended.then(() => {
      over = true
      child.emit('said')
    })
    while (!over && !lines.some((line) => line.startsWith(word))) await once(child, 'said')
  }
  const saysMore = async () => {
    await Promise.race([once(child, 'said'), ended])
  }
  return { process: child, lines, says, saysMore, ended }
}
