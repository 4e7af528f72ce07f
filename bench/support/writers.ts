/** Many writers at once, each a process of its own, as many applications have one universe. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Comparison, spreadOf } from './compare.js'
import type { Writer, WriterTask } from './postgres-writer.js'

export class Writers {
  private constructor(private readonly processes: readonly ChildProcess[]) {}

  /** All of them are there before any begins. */
  static async start(count: number, entityIds: string[]): Promise<Writers> {
    const file = fileURLToPath(new URL('postgres-writer.js', import.meta.url))
    const argument = (number: number) => JSON.stringify({ number, entityIds } satisfies Writer)
    const processes = Array.from({ length: count }, (_, number) => fork(file, [argument(number)]))
    await Promise.all(processes.map(answerOf))
    return new Writers(processes)
  }

  /** Lets the first of them write to both sides in turns. Time is the microseconds from one commit to the next. */
  async compare(
    count: number,
    {
      rounds,
      ms,
      tasks,
    }: { rounds: number; ms: number; tasks: Record<'measured' | 'floor', (n: number) => WriterTask> },
  ): Promise<Comparison> {
    const times: Record<'measured' | 'floor', number[]> = { measured: [], floor: [] }
    for (let round = 0; round < rounds; round++) {
      const sides = ['measured', 'floor'] as const
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        times[side].push(1e6 / (await this.write(count, ms, tasks[side])))
      }
    }
    return {
      measured: spreadOf(times.measured).p50,
      floor: spreadOf(times.floor).p50,
      ratio: spreadOf(times.measured.map((time, round) => time / (times.floor[round] as number))),
    }
  }

  stop(): void {
    for (const process of this.processes) process.kill()
  }

  /** Commits a second, of the first of them together. */
  private async write(count: number, ms: number, task: (number: number) => WriterTask): Promise<number> {
    const processes = this.processes.slice(0, count)
    await Promise.all(processes.map((process, number) => ask(process, task(number))))
    const rates = await Promise.all(processes.map((process) => ask(process, ms)))
    return rates.reduce<number>((sum, rate) => sum + (rate as number), 0)
  }
}

function ask(process: ChildProcess, message: WriterTask | number): Promise<unknown> {
  process.send(message)
  return answerOf(process)
}

/** What a process says next; one that ends instead has said why. */
function answerOf(process: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error(`A writer ended with ${process.exitCode ?? process.signalCode}`))
    process.once('exit', failed)
    process.once('message', (answer) => {
      process.off('exit', failed)
      resolve(answer)
    })
  })
}
