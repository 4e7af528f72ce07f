/** The command line on a universe that is on a server. */
import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshSchema, hasServer, type TestSchema } from '../given/server.js'
import { errorOf, makeFolder, makeSample, run, runProgram, stream } from './run.js'

const password = 'gehe1m'

describe.skipIf(!hasServer)('the program on a PostgreSQL server', { timeout: 60_000 }, () => {
  const folder = makeFolder()
  const file = folder.at('sample.db')
  let schema: TestSchema
  let db: string
  beforeAll(async () => {
    schema = await freshSchema()
    db = withPassword(schema)
    await Promise.all([makeSample(file), makeSample(db)])
  })
  afterAll(async () => {
    folder[Symbol.dispose]()
    await schema[Symbol.asyncDispose]()
  })

  it('answers as it does on a file', async () => {
    const calls = [
      ['log'],
      ['log', '--json'],
      ['log', '--graph'],
      ['show', 'main'],
      ['get', 'ada'],
      ['get', 'ada', '--at', '2024-02-15', '--json'],
      ['find', '--type', 'Company', '--json'],
      ['neighbours', 'ada', '--json'],
      ['reachable', 'ada'],
      ['path', 'ada', 'acme'],
      ['find', '--where', 'name=Ada Lovelace'],
      ['history', 'ada'],
      ['diff', 'aaaa1111-first', 'main'],
      ['graph', '--json'],
      ['materialise', 'aaaa1111-second'],
      ['branch'],
      ['export'],
      ['verify'],
      ['get', 'nobody'],
    ]
    const [onFile, onServer] = await Promise.all(
      [file, db].map(async (address) => {
        const ended = []
        for (const args of calls) ended.push(await run([...args, '--db', address]))
        return ended
      }),
    )
    expect(onServer?.map(({ status }) => status)).toEqual(onFile?.map(({ status }) => status))
    for (const [index, args] of calls.entries()) {
      // Databases give the members of an object in orders of their own.
      const words = (text = '') =>
        text
          .replace(/universe.*/g, '')
          .split(/[\s,{}]+/)
          .sort()
      const [expected, found] = [onFile?.[index], onServer?.[index]]
      expect([args, words(found?.stdout), found?.stderr]).toEqual([args, words(expected?.stdout), expected?.stderr])
    }
  })

  it('takes the address from the environment', async () => {
    const { status, stdout } = await run(['stats', '--json'], { env: { INNER_UNIVERSE_DB: db } })
    expect([status, JSON.parse(stdout).versions]).toEqual([0, 3])
  })

  it('makes a universe, branches, merges, reverts, rebuilds, and migrates', async () => {
    await using mine = await freshSchema()
    const address = withPassword(mine)
    const call = async (...args: string[]) => {
      const ended = await run([...args, '--db', address])
      expect([args, ended.stderr, ended.status]).toEqual([args, '', 0])
      expect(ended.stdout).not.toContain(password)
      return ended.stdout
    }
    expect(JSON.parse(await call('init', '--json'))).toEqual({ path: mine.address(), created: true })
    const again = await run(['init', '--db', address])
    expect(again).toEqual({ status: 0, stdout: `${mine.address()}\n`, stderr: 'is a universe already\n' })
    writeFileSync(folder.at('stream.ndjson'), stream)
    await call('import', folder.at('stream.ndjson'))
    await call('branch', 'side', 'aaaa1111-second')
    await call('merge', 'side')
    await call('revert', 'bbbb2222-third')
    await call('rebuild')
    expect(await call('verify')).toContain('ok')
    expect(JSON.parse(await call('get', 'ada', '--json'))).toMatchObject({ metadata: { name: 'Ada', tags: ['x'] } })
    expect((await call('migrate', 'list')).split('\n')[0]).toMatch(/^0001_\S+ +\d{4}-/)
    expect(await call('migrate', 'latest')).toBe('up to date\n')
    const refused = await run(['migrate', 'down', '--json', '--db', address])
    expect([refused.status, errorOf(refused)]).toMatchObject([4, { code: 'VERSIONS_LOST' }])
    expect(refused.stderr).not.toContain(password)
    expect(await call('migrate', 'down', '--force')).toMatch(/^down {2}0002/)
    expect(await call('migrate', 'up')).toMatch(/^up {2}0002/)
  })

  it('never makes what it is to read, mend or change', async () => {
    await using none = await freshSchema()
    const address = withPassword(none)
    const calls = [
      ['log'],
      ['stats'],
      ['verify'],
      ['backup', folder.at('none.db')],
      ['rebuild'],
      ['branch', 'new'],
      ['merge', 'side'],
      ['revert', 'x'],
      ['migrate', 'list'],
      ['migrate', 'down'],
    ]
    const ended = await Promise.all(calls.map((args) => run([...args, '--db', address])))
    const elsewhere = new URL(address)
    elsewhere.pathname = '/no_such_database'
    ended.push(await run(['log', '--db', elsewhere.href]), await run(['init', '--db', elsewhere.href]))
    for (const { status, stdout, stderr } of ended) {
      expect([status, stdout]).toEqual([3, ''])
      expect(stderr).toMatch(/^error: [^\n]+\n$/)
      expect(stderr).not.toContain(password)
    }
    expect(ended[0]?.stderr).toContain(`init --db ${none.address()}`)
    expect(await none.run('select 1 from pg_namespace where nspname = $1', [none.name])).toEqual([])
  })

  it('says how a server is backed up and restored instead', async () => {
    const [backup, restore] = await Promise.all([
      run(['backup', folder.at('backup.db'), '--json', '--db', db]),
      run(['restore', file, '--force', '--json', '--db', db]),
    ])
    expect([backup.status, errorOf(backup).code, errorOf(backup).hint]).toEqual([
      5,
      'VALIDATION',
      expect.stringMatching(/pg_dump.*export/),
    ])
    expect([restore.status, errorOf(restore).code, errorOf(restore).hint]).toEqual([
      5,
      'VALIDATION',
      expect.stringMatching(/pg_restore.*import/),
    ])
    expect(backup.stderr + restore.stderr).not.toContain(password)
    expect(existsSync(folder.at('backup.db'))).toBe(false)
  })

  it('tells a server that does not answer, and an address that is none, without the password', async () => {
    const closed = new URL(db)
    closed.port = '1'
    const bad = new URL(db)
    bad.searchParams.set('schema', 'pg_mine')
    const [busy, invalid, none] = await Promise.all([
      run(['log', '--json', '--db', closed.href]),
      run(['log', '--json', '--db', bad.href]),
      run(['log', '--json', '--db', `postgres://me:${password}@:x/y`]),
    ])
    expect([busy.status, errorOf(busy).code]).toEqual([4, 'BUSY'])
    expect([invalid.status, errorOf(invalid).code]).toEqual([5, 'VALIDATION'])
    expect([none.status, errorOf(none).code]).toEqual([5, 'VALIDATION'])
    for (const { stderr } of [busy, invalid, none]) expect(stderr).not.toContain(password)
  })

  it('shows the tour on a file alone', async () => {
    const { status, stderr } = await runProgram('tour.js', ['--keep', db])
    expect(status).toBe(2)
    expect(stderr).not.toContain(password)
  })
})

/** The server lets everybody in; a password does no harm, and must not be seen. */
function withPassword(schema: TestSchema): string {
  const url = new URL(schema.address())
  url.password = password
  return url.href
}
