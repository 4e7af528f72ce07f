/** Progress of long work on stderr, where stderr is a terminal. */
import type { ImportProgress } from '../index.js'

interface Progress<T> extends Disposable {
  update(progress: T): void
}

/** How far an import is; without the size of its source, how much it has done. */
export async function showImport(): Promise<Progress<ImportProgress>> {
  const format = '{counts} | {rate} versions/s'
  const bar = await startBar(`{bar} {percentage}% | ${format} | {left} left`, format)
  return {
    update({ imported, skipped, bytesRead, bytesTotal }) {
      const done = bytesRead !== undefined && bytesTotal ? bytesRead / bytesTotal : undefined
      bar?.update(done, imported + skipped, `${imported} imported, ${skipped} skipped`)
    },
    [Symbol.dispose]: () => bar?.stop(),
  }
}

export async function showVerify(): Promise<Progress<{ versions: number; total: number }>> {
  const bar = await startBar('{bar} {percentage}% | {counts} | {rate} versions/s | {left} left', '{counts}')
  return {
    update({ versions, total }) {
      bar?.update(total > 0 ? versions / total : 1, versions, `${versions} of ${total}`)
    },
    [Symbol.dispose]: () => bar?.stop(),
  }
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
    stop: () => bar.stop(),
  }
}
