import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { errorOf, makeFolder, run } from './run.js'

const folder = makeFolder()
afterAll(() => folder[Symbol.dispose]())
const script = (await run(['completion', 'bash'])).stdout

/** What bash would offer for the last of these words. */
function offered(...words: string[]): string[] {
  const lines = [
    // Outside of an interactive shell there is no compopt.
    'compopt() { :; }',
    script,
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${words.length - 1}`,
    '_inner_universe',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ]
  const { status, stdout, stderr } = spawnSync('bash', ['-c', lines.join('\n')], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout.split('\n').filter(Boolean)
}

describe('completion in bash', { timeout: 60_000 }, () => {
  it('offers commands, flags and what a flag may be', () => {
    expect(offered('iu', 'ma')).toEqual(['materialise'])
    expect(offered('iu', '--db', 'x.db', 'di')).toEqual(['diff'])
    expect(offered('iu', 'find', '--wh')).toEqual(['--where'])
    expect(offered('iu', 'log', '--json', '--gr')).toEqual(['--graph'])
    expect(offered('iu', 'find', '--order-by', '')).toEqual(['id', 'createdAt', 'updatedAt'])
    expect(offered('iu', 'migrate', 'l')).toEqual(['latest', 'list'])
    expect(offered('iu', 'help', 'rea')).toEqual(['reachable'])
    expect(offered('iu', 'find', '--tag', '')).toEqual([])
  })

  it('knows every command', async () => {
    const { commands } = JSON.parse((await run(['help', '--json'])).stdout)
    expect(offered('iu', '').filter((word) => !word.startsWith('-'))).toEqual(
      commands.map(({ name }: { name: string }) => name),
    )
  })
})

describe('completion in zsh and fish', () => {
  it('is given, and for no other shell', async () => {
    const [zsh, fish, other] = await Promise.all([
      run(['completion', 'zsh']),
      run(['completion', 'fish', '--json']),
      run(['completion', 'csh', '--json']),
    ])
    expect(zsh.stdout).toMatch(/^#compdef iu inner-universe\n/)
    expect(zsh.stdout).toContain("'materialise:write the whole state of a version'")
    expect(JSON.parse(fish.stdout).script).toContain("-l order-by -x -a 'id createdAt updatedAt'")
    expect([other.status, errorOf(other).code]).toEqual([2, 'USAGE'])
  })
})
