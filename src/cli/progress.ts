/** Progress of long work on stderr, where stderr is a terminal: gone before the work's answer is printed. */
import type { ImportProgress } from '../index.js'

/** How far an import is; where neither its versions nor its bytes are counted, how much it has done. */
export async function withImportBar<T>(
  total: number | undefined,
  work: (onProgress: (progress: ImportProgress) => void) => Promise<T>,
): Promise<T> {
  const format = '{counts} | {rate} versions/s'
  using bar = await startBar(`{bar} {percentage}% | ${format} | {left} left`, format)
  return await work(({ imported, skipped, read = 0, bytesRead, bytesTotal }) => {
    const versions = imported + skipped
    const part = bytesRead !== undefined && bytesTotal ? bytesRead / bytesTotal : undefined
    const counts = versions < read ? `${read} read, ${versions} imported` : `${imported} imported, ${skipped} skipped`
    // What is read ahead is read once more.
    const done = read > 0 ? (read + versions) / 2 : versions
    bar?.update(total ? done / total : part, done, counts)
  })
}

export async function withVersionsBar<T>(
  work: (onProgress: (progress: { versions: number; total: number }) => void) => Promise<T>,
): Promise<T> {
  using bar = await startBar('{bar} {percentage}% | {counts} | {rate} versions/s | {left} left', '{counts}')
  return await work(({ versions, total }) => {
    bar?.update(total > 0 ? versions / total : 1, versions, `${versions} of ${total}`)
  })
}

/** `whole` is shown once it is known which part is done, `counting` where it is not. */
async function startBar(whole: string, counting: string) {
  if (process.stderr.isTTY !== true) return undefined
  const { default: progress } = await import('cli-progress')
  let format = counting
  const bar = new progress.SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    format: (options, params, payload) => progress.Format.Formatter({ ...options, format }, params, payload),
    barCompleteChar: '█',
    barIncompleteChar: '░',
  })
  const start = performance.now()
  bar.start(1, 0, { counts: '', rate: 0, left: '?' })
  return {
    update(done: number | undefined, versions: number, counts: string) {
      const seconds = (performance.now() - start) / 1_000
      if (done !== undefined) format = whole
      const left = done ? `${Math.ceil((seconds * (1 - done)) / done)} s` : '?'
      bar.update(done ?? 0, { counts, rate: Math.round(versions / seconds), left })
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}
