/** A PostgreSQL server of a test's own, to be stopped and started: nobody else is on it. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const installed = '/usr/lib/postgresql'
const binaries = existsSync(installed)
  ? readdirSync(installed)
      .map((version) => join(installed, version, 'bin'))
      .find((folder) => existsSync(join(folder, 'initdb')))
  : undefined

/** Whether this machine can run one. */
export const canRunCluster = binaries !== undefined

/** PostgreSQL refuses to be run by root. */
const asOther = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : []

function run(program: string, ...args: string[]): void {
  const [command = '', ...rest] = [...asOther, join(binaries as string, program), ...args]
  execFileSync(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' })
}

export interface Cluster extends Disposable {
  /** The address of its database, with the password of its one user. */
  address(parameters?: Record<string, string>): string
  start(): void
  /** Stops it as a power cut would. */
  stop(): void
}

/** Makes and starts a server that asks for a password, and has TLS with a certificate that nobody vouches for. */
export async function startCluster({ tls = true } = {}): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'inner-universe-server-'))
  const [data, secret, log] = ['data', 'password', 'log'].map((name) => join(folder, name)) as [string, string, string]
  const password = 'se%cret:@/'
  writeFileSync(secret, password)
  if (asOther.length > 0) execFileSync('chown', ['-R', 'postgres', folder])
  chmodSync(folder, 0o700)
  run('initdb', '-D', data, '-U', 'owner', '-A', 'scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8', '--no-sync')
  const certificate = [join(folder, 'server.crt'), join(folder, 'server.key')] as const
  const [command = '', ...rest] = [
    ...[...asOther, 'openssl', 'req', '-new', '-x509', '-nodes', '-days', '2', '-subj', '/CN=nobody'],
    ...['-out', certificate[0], '-keyout', certificate[1]],
  ]
  execFileSync(command, rest, { stdio: 'ignore', cwd: '/' })
  const port = await freePort()
  const settings = [
    ...[`-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=${tls ? 'on' : 'off'}`],
    ...[`-c ssl_cert_file=${certificate[0]} -c ssl_key_file=${certificate[1]}`],
  ]
  const start = () => run('pg_ctl', '-D', data, '-l', log, '-w', '-o', settings.join(' '), 'start')
  const stop = () => run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop')
  start()
  return {
    address(parameters = {}) {
      const url = new URL(`postgres://owner@127.0.0.1:${port}/postgres`)
      url.password = encodeURIComponent(password)
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    start,
    stop,
    [Symbol.dispose]() {
      try {
        stop()
      } catch {
        // Stopped already.
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
