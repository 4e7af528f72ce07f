/**
 * The papers, run: every block of code as it stands there, in order, in a folder of its own for each
 * paper, against the built package.
 *
 * A block of JavaScript or TypeScript that imports nothing goes on where the one before it ended.
 * What a module prints is what its comments say after `// →`, further lines after `//   `. A block of
 * text right after one of commands is what they print; `…` stands for anything. An HTML comment
 * right above a block may say `not run: <why>` or `exit status: <number>`.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../given/folder.js'
import { anchorsOf, type Block, type Paper, printedBy, readPaper, readPapers, root } from './papers.js'

/** Blocks that run as one, in the order of the paper. */
interface Run {
  kind: 'module' | 'commands' | 'not run'
  blocks: Block[]
  /** What commands print, where the paper shows it. */
  output?: string
}

const modules = new Set(['js', 'ts'])
/** Languages of blocks that show something and run nothing. */
const shown = new Set(['text', 'mermaid', 'json', 'typescript'])

const papers = readPapers()
const scripts = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts)

describe.each(papers.filter(({ blocks }) => blocks.length > 0))('$path', { timeout: 60_000 }, (paper) => {
  const runs = runsOf(paper)
  const folder = temporaryFolder()
  afterAll(() => folder[Symbol.dispose]())
  if (runs.length > 0) furnish(folder.path)

  for (const run of runs) {
    const lines = run.blocks.map(({ line }) => line).join(', ')
    if (run.kind === 'not run') {
      it(`names scripts that are there at line ${lines} (${run.blocks[0]?.marker})`, () => {
        for (const [, name] of textOf(run).matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w-]+)/g)) {
          expect(scripts).toContain(name)
        }
      })
    } else if (run.kind === 'commands') {
      it(`says what its commands print at line ${lines}`, () => {
        const { status, stdout, stderr } = runCommands(folder.path, textOf(run))
        const [, wanted = '0'] = /^exit status: (\d+)$/.exec(run.blocks[0]?.marker ?? '') ?? []
        expect({ status, stderr }).toEqual({ status: Number(wanted), stderr })
        if (run.output !== undefined) expect(stdout.trimEnd()).toMatch(patternOf(run.output))
      })
    } else {
      it(`says what its code prints at line ${lines}`, () => {
        const { status, stdout, stderr } = runModule(folder.path, run)
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        expect(stdout.trimEnd().split('\n')).toEqual(printedBy(textOf(run)))
      })
    }
  }

  it('has no block in a language that nothing runs', () => {
    const languages = paper.blocks.map(({ language }) => language)
    expect(languages.filter((name) => !modules.has(name) && name !== 'sh' && !shown.has(name))).toEqual([])
  })
})

describe.each(papers)('$path', (paper) => {
  it('links to what is there', () => {
    const links = [...paper.prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !/^https?:/.test(link) && !leadsSomewhere(paper, link))).toEqual([])
  })

  it('names only paths that are there', () => {
    const named = paper.prose.matchAll(/`((?:src|queries|migrations|test|bench|examples|docs|ci)\/[^`\s]*)`/g)
    expect([...named].map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('names only tests that are there', () => {
    const named = paper.prose.matchAll(/`(test\/[^`\s]+\.ts)` “([^”]+)”/g)
    const missing = [...named].filter(([, path = '', title = '']) => {
      const text = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : ''
      return !text.includes(title)
    })
    expect(missing.map(([match]) => match)).toEqual([])
  })
})

function runsOf({ blocks }: Paper): Run[] {
  const runs: Run[] = []
  for (const block of blocks) {
    const last = runs.at(-1)
    if (block.marker?.startsWith('not run: ')) runs.push({ kind: 'not run', blocks: [block] })
    else if (block.language === 'sh') runs.push({ kind: 'commands', blocks: [block] })
    else if (modules.has(block.language)) {
      if (/^import /m.test(block.text) || last?.kind !== 'module') runs.push({ kind: 'module', blocks: [block] })
      else last.blocks.push(block)
    } else if (block.language === 'text' && block.follows && last?.kind === 'commands') last.output = block.text
  }
  return runs
}

function textOf({ blocks }: Run): string {
  return blocks.map(({ text }) => text).join('\n')
}

/** A project that has the package, zod, Kysely, a driver and those of graphology, and the programs as a shell finds them. */
function furnish(folder: string): void {
  for (const name of ['node_modules', 'bin']) mkdirSync(join(folder, name))
  symlinkSync(root, join(folder, 'node_modules/inner-universe'), 'junction')
  for (const name of ['zod', 'kysely', 'better-sqlite3']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  for (const name of readdirSync(join(root, 'node_modules')).filter((one) => one.startsWith('graphology-'))) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  for (const name of ['iu', 'inner-universe']) {
    const path = join(folder, 'bin', name)
    writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist/src/cli/main.js')}' "$@"\n`)
    chmodSync(path, 0o755)
  }
}

function runModule(folder: string, run: Run) {
  const isTyped = run.blocks.some(({ language }) => language === 'ts')
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  const code = isTyped ? ts.transpileModule(textOf(run), { compilerOptions: options }).outputText : textOf(run)
  const file = join(folder, `line-${run.blocks[0]?.line}.mjs`)
  writeFileSync(file, code)
  return spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
}

function runCommands(folder: string, text: string) {
  const { INNER_UNIVERSE_DB: _db, ...rest } = process.env
  const env = {
    ...rest,
    PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
    INNER_UNIVERSE_DB: 'knowledge.db',
  }
  return spawnSync('bash', ['-euo', 'pipefail', '-c', text], { cwd: folder, env, encoding: 'utf8' })
}

function patternOf(output: string): RegExp {
  const parts = output.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^]*')}$`)
}

function leadsSomewhere(paper: Paper, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? paper.path : join(dirname(paper.path), path)
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || anchorsOf(readPaper(target)).has(anchor)
}
