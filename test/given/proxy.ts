/** What stands between a program and its server, breaks their connection, or is silent. */
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A COMMIT as PostgreSQL's protocol has it: words in what is written may end so too. */
const commit = 'Q\0\0\0\x0bCOMMIT\0'

/** What becomes of a COMMIT: its answer is lost, it is lost itself, or it arrives when nobody waits any more. */
export type Break = 'answer' | 'question' | 'late'

export interface Proxy extends Disposable {
  /** The same address by way of the proxy. */
  by(address: string): string
  /** Breaks the connection at the next COMMIT that comes with something to be written. */
  breakNext(what: Break): void
  /** Breaks the connection that gets this answer from now on, in place of it. */
  breakAnswer(number: number): void
  /** How many answers there are still to be until the connection is broken. */
  readonly answersLeft: number
  /** Keeps every answer from now on to itself, or from the next COMMIT that comes with something to be written. */
  fallSilent(from: 'now' | 'commit'): void
  /** How many COMMITs were broken. */
  readonly broken: number
}

export async function startProxy(address: string): Promise<Proxy> {
  const target = new URL(address)
  const sockets = new Set<Socket>()
  let armed: Break | undefined
  let broken = 0
  let silent: 'now' | 'commit' | undefined
  let answersLeft = Number.POSITIVE_INFINITY
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    let written = false
    let answerLost = false
    client.on('data', async (bytes) => {
      const text = bytes.toString('latin1')
      if (text.includes('BEGIN')) written = false
      // Reads are ended in the same way; only a write has locked the counter.
      if (text.includes('lock_timeout')) written = true
      if (silent === 'commit' && written && text.includes(commit)) silent = 'now'
      if (armed === undefined || !written || !text.includes(commit)) {
        upstream.write(bytes)
        return
      }
      const how = armed
      armed = undefined
      broken++
      if (how === 'answer') {
        answerLost = true
        upstream.write(bytes)
        return
      }
      client.destroy()
      if (how === 'late') {
        await sleep(150)
        upstream.end(bytes)
      } else upstream.destroy()
    })
    upstream.on('data', (bytes) => {
      if (silent === 'now') return
      if (answersLeft > 0 && --answersLeft === 0) {
        client.destroy()
        upstream.destroy()
      } else if (answerLost) client.destroy()
      else if (!client.destroyed) client.write(bytes)
    })
    client.on('end', () => upstream.end())
    upstream.on('end', () => client.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    by(text) {
      const url = new URL(text)
      url.hostname = '127.0.0.1'
      url.port = String(port)
      return url.href
    },
    breakNext(what) {
      armed = what
    },
    fallSilent(from) {
      silent = from
    },
    breakAnswer(number) {
      answersLeft = number
    },
    get answersLeft() {
      return answersLeft
    },
    get broken() {
      return broken
    },
    [Symbol.dispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
