import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { makeRepository } from '../stream/git/made.js'
import { makeFolder, run, runProgram } from './run.js'

const folder = makeFolder()
afterAll(() => {
  const left = readdirSync(folder.at('.')).filter((name) => name.includes('tour'))
  folder[Symbol.dispose]()
  expect(left).toEqual([])
})

/** Where the tour may make its own folder, to see that it is gone. */
const temporary = { TMPDIR: folder.at('.'), GIT_CEILING_DIRECTORIES: folder.at('..') }

describe.concurrent('the tour', { timeout: 120_000 }, () => {
  it('shows a repository from its own history', async () => {
    using repository = makeRepository()
    for (let index = 0; index < 8; index++) {
      const imports = Array.from({ length: 1 + (index % 3) }, (_, other) => `import './m${other}.js'\n`).join('')
      repository.commit([
        { path: `src/m${index}.ts`, content: `export const value = ${index}\n` },
        { path: 'src/main.ts', content: `${imports}// ${index}\n` },
      ])
    }
    const { status, stdout, stderr } = await runProgram('tour.js', [repository.path], { env: temporary })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`8 commits of git in ${repository.path} imported`)
    const calls = [
      'head.types()',
      'versions.history(',
      'head.neighbours(',
      'head.traverse(',
      '.at(',
      'universe.history(',
    ]
    for (const call of [...calls, 'universe.diff(', '.validAt(']) {
      const timed = `${call.replaceAll(/[.()]/g, '\\$&')}[^\n]*\n {3}[\\d.]+ [mµ]s  ·  plain SQL[^\n]+: [\\d.]+ [mµ]s\n {5}\\S`
      expect(stdout).toMatch(new RegExp(timed))
    }
    expect(stdout).toContain("head.neighbours('file:src/main.ts')")
    expect(stdout).toContain("head.traverse('file', 'file:src/main.ts').out('imports').out(")
    expect(stdout).toMatch(/changed rating: base nothing, ours 3, theirs 5\n/)
    expect(stdout).toMatch(
      /strategy: 'theirs'.*\{"rating":5,"seen":true,"note".*revert\(.*\{"rating":3,"seen":true\}\n/s,
    )
    expect(stdout).toMatch(/REVIEWED_BY → grace.*REVIEWED_BY → ada/s)
    expect(stdout).toMatch(/iu neighbours file:src\/main.ts --at [^\n]+\n {5}→ {2}imports/)
    expect(stdout).toMatch(/iu log --graph [^\n]+\n {5}\* /)
    expect(stdout).not.toContain('\u001b')
  })

  it('takes a sample where there is no git history, and keeps its database on demand', async () => {
    const kept = folder.at('kept.db')
    const { status, stdout } = await runProgram('tour.js', ['--keep', kept], { cwd: folder.at('.'), env: temporary })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^No git history here: [^\n]+ sample [^\n]+\n/)
    expect(stdout).toContain("await universe.head.neighbours('survey')")
    expect(stdout).toMatch(
      /survey\n {5}└─ hypatia\n {8}└─ telescope\n {5}since then:\n {5}- telescope\n {5}\+ spectrograph/,
    )
    expect(stdout).toContain(`Kept in ${kept}`)
    expect((await run(['verify', '--db', kept])).status).toBe(0)
  })

  it('takes a sample where the history is too short', async () => {
    using repository = makeRepository()
    repository.commit([{ path: 'a.ts', content: '' }])
    const { status, stdout } = await runProgram('tour.js', [repository.path], { env: temporary })
    expect(status).toBe(0)
    expect(stdout).toContain('a small sample history')
  })

  it('overwrites nothing', async () => {
    const file = folder.at('mine.txt')
    writeFileSync(file, 'mine')
    const ended = await Promise.all([
      runProgram('tour.js', ['--keep', file], { env: temporary }),
      runProgram('tour.js', ['--no-such-option'], { env: temporary }),
    ])
    expect(ended.map(({ status }) => status)).toEqual([2, 2])
    expect(existsSync(file)).toBe(true)
  })
})
