/** A queue of asynchronous tasks: one at a time, in the order in which they came. */
export class Queue {
  private last: Promise<unknown> = Promise.resolve()

  /** Runs a task when all before it have ended, well or badly. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task, task)
    this.last = result.catch(() => undefined)
    return result
  }
}
