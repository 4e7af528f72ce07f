/** The page on architecture against the tree: a room on paper is a room in code, an arrow on paper an import. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPaper, root } from './papers.js'

const page = readPaper('docs/architecture.md')
const diagram = page.blocks.find(({ language }) => language === 'mermaid')?.text ?? ''
const arrows = [...diagram.matchAll(/^\s*(\w+) --> (\w+)$/gm)].map(([, from = '', to = '']) => ({ from, to }))
const rows = [...page.prose.matchAll(/^\| (\w+) \| `([^`]+)` \|/gm)].map(([, room = '', folder = '']) => ({
  room,
  folder,
}))
const imports = readImports()

describe('the page on architecture', () => {
  it('lists every room of the tree, each with its folder', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).map(({ name }) => `src/${name}`)
    expect(rows.map(({ folder }) => folder).sort()).toEqual([...folders, 'migrations', 'queries'].sort())
    expect(rows.map(({ room }) => room)).toEqual(rows.map(({ folder }) => roomOf(folder)))
  })

  it('draws the rooms that it lists', () => {
    const drawn = new Set(arrows.flatMap(({ from, to }) => [from, to]))
    expect([...drawn].sort()).toEqual(rows.map(({ room }) => room).sort())
  })

  it('draws no arrow that no import follows', () => {
    const followed = new Set(imports.map(({ from, to }) => `${from} → ${to}`))
    expect(arrows.map(({ from, to }) => `${from} → ${to}`).filter((arrow) => !followed.has(arrow))).toEqual([])
  })

  it('leaves out no import: each leads along its arrows', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.filter(({ from, to }) => !reachable(from).has(to))).toEqual([])
  })

  it('draws no circle', () => {
    expect(rows.filter(({ room }) => reachable(room).has(room))).toEqual([])
  })
})

function reachable(room: string, met = new Set<string>()): Set<string> {
  for (const { from, to } of arrows) {
    if (from !== room || met.has(to)) continue
    met.add(to)
    reachable(to, met)
  }
  return met
}

/** `src/graph/view.ts` is of the room graph, `src/universe.ts` is one itself, `queries/tag.ts` is of queries. */
function roomOf(path: string): string {
  const [first = '', second = first] = path.split('/')
  return (first === 'src' ? second : first).replace(/\.[jt]s$/, '')
}

/** The imports that cross from one room to another. */
function readImports() {
  return ['src', 'queries', 'migrations'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const path = posix.join(folder, name.replaceAll('\\', '/'))
        const text = readFileSync(join(root, path), 'utf8')
        return [...text.matchAll(/(?:\bfrom |\bimport\()'(\.[^']+)'/g)].map(([, specifier = '']) => ({
          path,
          from: roomOf(path),
          to: roomOf(posix.join(posix.dirname(path), specifier)),
        }))
      })
      .filter(({ from, to }) => from !== to),
  )
}
