/**
 * The content of objects, from one `git cat-file --batch` for the whole history.
 *
 * Asked in batches: the questions of a batch are written at once and answered in their order, so
 * that neither side waits a round trip an object and neither pipe can fill up on both ends.
 */
import { type GitProcess, type Place, startGit, unreadable } from './process.js'
import { ByteReader } from './reader.js'

/** 100 lines of at most 65 bytes fit into any pipe. */
const batchSize = 100

/** Reads objects by id. Dispose of it to end its git. */
export class ObjectReader implements Disposable {
  readonly #place: Place
  #running: { git: GitProcess; output: ByteReader } | undefined

  constructor(place: Place) {
    this.#place = place
  }

  /**
   * Gives `receive` each object of `type` in `ids`, in their order. Passed over: what the
   * repository lacks (a partial clone), what is of another type, what has more than `maxBytes`.
   * The bytes are valid only during the call.
   */
  async read(
    ids: readonly string[],
    type: 'blob' | 'commit',
    maxBytes: number,
    receive: (id: string, content: Buffer) => void,
  ): Promise<void> {
    for (let start = 0; start < ids.length; start += batchSize) {
      const batch = ids.slice(start, start + batchSize)
      const { git, output } = this.#start()
      git.stdin.write(`${batch.join('\n')}\n`)
      for (const id of batch) {
        const content = await answer(output, type, maxBytes)
        if (content === 'ended') {
          await git.finished()
          throw unreadable(['cat-file'], 'it ended too early')
        }
        if (content !== 'passed over') receive(id, content)
      }
    }
  }

  [Symbol.dispose](): void {
    this.#running?.git[Symbol.dispose]()
  }

  #start(): { git: GitProcess; output: ByteReader } {
    if (!this.#running) {
      const git = startGit(this.#place, ['cat-file', '--batch'])
      this.#running = { git, output: new ByteReader(git.stdout) }
    }
    return this.#running
  }
}

/** One answer: `<id> <type> <size>`, the content, a line feed; or `<id> missing`. */
async function answer(output: ByteReader, type: string, maxBytes: number): Promise<Buffer | 'passed over' | 'ended'> {
  const header = await output.before(lineFeed)
  if (!header) return 'ended'
  const [, actualType, size] = header.toString('latin1').split(' ')
  if (size === undefined) return 'passed over'

  const isWanted = actualType === type && Number(size) <= maxBytes
  const content = isWanted ? await output.exactly(Number(size)) : await output.skip(Number(size))
  if (!content || !(await output.skip(1))) return 'ended'
  return content === true ? 'passed over' : content
}

const lineFeed = 10
