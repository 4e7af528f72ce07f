/** The pages that are made out of the sources are those that would be made now. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPaper, root } from './papers.js'

it('docs/api.md and docs/cli.md are current (`npm run docs` makes them so)', { timeout: 60_000 }, () => {
  const { status, stderr } = spawnSync(process.execPath, ['ci/docs.mjs', '--check'], { cwd: root, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it('docs/api.md has every public name, and a docstring for each that is called', () => {
  const { prose } = readPaper('docs/api.md')
  const index = readFileSync(join(root, 'src/index.ts'), 'utf8')
  const names = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(',').map((name) => name.trim().replace(/^type /, '')),
  )
  const sections = new Set([...prose.matchAll(/^### (\w+)$/gm)].map(([, name]) => name))
  expect(names.filter((name) => name !== '' && !sections.has(name))).toEqual([])

  // A heading, then (the signature aside) at least a sentence.
  const bare = [...prose.matchAll(/^#### (\w+\.\w+\(\))\n+(?=#)/gm)].map(([, name]) => name)
  expect(bare).toEqual([])
})
