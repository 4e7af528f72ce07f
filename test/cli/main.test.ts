import { spawnSync } from 'node:child_process'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorOf, makeFolder, makeSample, run, runProgram } from './run.js'

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const folder = makeFolder()
const db = folder.at('sample.db')
beforeAll(() => makeSample(db))
afterAll(() => folder[Symbol.dispose]())

describe.concurrent('the program', { timeout: 60_000 }, () => {
  it('prints help for a person who asks, with its version, on stdout', async () => {
    const [help, ofLog, ofLogToo, version] = await Promise.all([
      run(['--help']),
      run(['log', '--help']),
      run(['help', 'log']),
      run(['--version']),
    ])
    expect(help).toMatchObject({ status: 0, stderr: '' })
    for (const name of ['init', 'migrate', 'import-git', 'neighbours', 'UTC', 'Exit status']) {
      expect(help.stdout).toContain(name)
    }
    expect(ofLog.stdout).toMatch(/--at .*--limit.*--db/s)
    expect(ofLogToo).toEqual(ofLog)
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('refuses an address that is none by its reason', async () => {
    // The bundler knows what may throw no better than it is told: this is about what is built.
    const { status, stderr } = await run(['log', '--db', 'postgres://me@localhost/half%2'])
    expect(status).toBe(5)
    expect(stderr).toContain('has a % that stands for no character: write %25')
  })

  it('refuses what is no use of it with status 2 and one line', async () => {
    const uses = [
      ['frob'],
      ['help', 'frob'],
      ['log', '--db', db, '--limti', '3'],
      ['log', '--db', db, 'surplus'],
      ['log', '--db', db, '--limit', '0'],
      ['log', '--db', db, '--limit', '1e3'],
      ['log'],
      ['log', '--db'],
      ['show', '--db', db],
      ['get', '--db', db],
      ['neighbours', '--db', db],
      ['neighbours', 'ada', '--direction', 'up', '--db', db],
      ['find', '--where', 'name', '--db', db],
      ['find', '--order', 'up', '--db', db],
      ['reachable', '--db', db],
      ['reachable', 'ada', '--max-depth', 'far', '--db', db],
      ['path', 'ada', '--db', db],
      ['materialise', '--db', db],
      ['completion', 'csh'],
      ['history', '--db', db],
      ['diff', 'main', '--db', db],
      ['import', '--db', folder.at('none.db')],
      ['migrate', 'sideways', '--db', folder.at('none.db')],
      ['backup', '--db', db],
    ]
    const ended = await Promise.all(uses.map((args) => run(args)))
    for (const [index, { status, stdout, stderr }] of ended.entries()) {
      expect([uses[index], status, stdout]).toEqual([uses[index], 2, ''])
      expect(stderr).toMatch(/^error: [^\n]+\n$/)
    }
    expect(existsSync(folder.at('none.db'))).toBe(false)
  })

  it('prints its help on stderr where no command is given', async () => {
    const { status, stdout, stderr } = await run([])
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Usage: inner-universe')
  })

  it('tells usage as JSON too', async () => {
    const [misspelt, none] = await Promise.all([run(['log', '--json', '--limti', '3']), run(['--json'])])
    expect(misspelt.status).toBe(2)
    expect(errorOf(misspelt)).toEqual({
      code: 'USAGE',
      message: "unknown option '--limti'",
      details: {},
      hint: 'Did you mean --limit?',
    })
    expect([none.status, errorOf(none).code]).toEqual([2, 'USAGE'])
  })

  it('never makes a database to read it', async () => {
    const missing = folder.at('missing.db')
    const reads = [
      ['log'],
      ['show', 'main'],
      ['get', 'ada'],
      ['find'],
      ['neighbours', 'ada'],
      ['reachable', 'ada'],
      ['path', 'ada', 'acme'],
      ['materialise', 'main'],
      ['log', '--graph'],
      ['history', 'ada'],
      ['diff', 'main', 'main'],
      ['stats'],
      ['verify'],
      ['export'],
      ['backup', folder.at('copy.db')],
      ['migrate', 'list'],
      ['migrate', 'down'],
    ]
    const ended = await Promise.all(reads.map((args) => run([...args, '--json', '--db', missing])))
    for (const [index, result] of ended.entries()) {
      expect([reads[index], result.status, result.stdout]).toEqual([reads[index], 3, ''])
      const { code, details, hint } = errorOf(result)
      expect([code, details]).toEqual(['NOT_FOUND', { what: 'The universe', id: missing }])
      expect(hint).toContain('init --db')
    }
    expect(existsSync(missing)).toBe(false)
  })

  it('takes the universe from the environment, and from --db before or after the command', async () => {
    const [environment, before] = await Promise.all([
      run(['stats', '--json'], { env: { INNER_UNIVERSE_DB: db } }),
      run(['--db', db, 'stats', '--json'], { env: { INNER_UNIVERSE_DB: folder.at('other.db') } }),
    ])
    expect(environment.status).toBe(0)
    expect(before.stdout).toBe(environment.stdout)
  })

  it('says in one line that its output cannot be written', async () => {
    // A device that is always full; where there is none (outside of Linux) a closed pipe ends it as well.
    const call = `'${process.execPath}' '${main}' log --db '${db}' >/dev/full`
    const ended = spawnSync('bash', [
      '-c',
      existsSync('/dev/full') ? call : `${call.replace('>/dev/full', '| true')}; exit 1`,
    ])
    expect(ended.status).toBe(1)
    expect(ended.stderr.toString()).toMatch(/^(error: [^\n]+\n)?$/)
  })

  it('calls itself by the name it was called by', async () => {
    const link = folder.at('iu')
    symlinkSync(main, link)
    const { stdout } = await runProgram(link, ['--help'])
    expect(stdout).toContain('Usage: iu ')
  })

  it('says in one line that a file is no universe', async () => {
    writeFileSync(folder.at('text.db'), 'Nothing of ours. '.repeat(100))
    const ended = await Promise.all(
      [['log'], ['init'], ['migrate', 'latest'], ['migrate', 'list']].map((args) =>
        run([...args, '--db', folder.at('text.db')]),
      ),
    )
    for (const { status, stderr } of ended) {
      expect(status).toBe(1)
      expect(stderr).toMatch(/^error: [^\n]*is not a universe[^\n]*\n$/)
    }
  })
})
