import { describe, expect, it } from 'vitest'
import { candidates, targetOf, targetsThatMayMean } from '../../../src/stream/git/resolve.js'

describe('the target of a specifier', () => {
  it.each([
    ['src/a.ts', './b', 'src/b'],
    ['src/a.ts', './b.js?raw', 'src/b.js'],
    ['src/a.ts', '../b', 'b'],
    ['src/a.ts', './x/../y//z/./b', 'src/y/z/b'],
    ['src/a.ts', '.', 'src/'],
    ['src/a.ts', './', 'src/'],
    ['src/a.ts', './b/', 'src/b/'],
    ['src/a.ts', '..', '/'],
    ['a.ts', '.', '/'],
    ['a.ts', './b', 'b'],
  ])('in %s, of %s, is %s', (importer, specifier, target) => {
    expect(targetOf(importer, specifier)).toBe(target)
  })

  it('is none outside of the repository', () => {
    expect(targetOf('a.ts', '../b')).toBeUndefined()
    expect(targetOf('src/a.ts', '../../src/a')).toBeUndefined()
  })
})

describe('the candidates of a target', () => {
  /** The first of `files` that the target means. */
  const meant = (target: string, ...files: string[]) => [...candidates(target)].find((path) => files.includes(path))

  it('begin with what it names, then its source, then what was left out', () => {
    expect(meant('a.js', 'a.ts', 'a.js')).toBe('a.js')
    expect(meant('a.js', 'a.d.ts', 'a.tsx', 'a.ts')).toBe('a.ts')
    expect(meant('a.jsx', 'a.tsx')).toBe('a.tsx')
    expect(meant('a.mjs', 'a.ts', 'a.mts')).toBe('a.mts')
    expect(meant('a.cjs', 'a.cts')).toBe('a.cts')
    expect(meant('a', 'a/index.ts', 'a.js')).toBe('a.js')
    expect(meant('a', 'a.js', 'a.ts')).toBe('a.ts')
    expect(meant('a', 'a/index.js')).toBe('a/index.js')
    expect(meant('a.b', 'a.b.ts')).toBe('a.b.ts')
    expect(meant('data.json', 'data.json')).toBe('data.json')
    expect(meant('style.css', 'style.css')).toBe('style.css')
  })

  it('are an index alone where the target is a directory', () => {
    expect(meant('a/', 'a.ts', 'a/index.tsx')).toBe('a/index.tsx')
    expect(meant('/', 'index.js')).toBe('index.js')
    expect(meant('a/', 'a', 'a.ts')).toBeUndefined()
  })

  it('can be found from the candidate', () => {
    const names = ['a', 'index', 'a.b', 'index.d', 'b/index', 'b/a']
    const extensions = ['', '.js', '.jsx', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.d.ts', '.d.mts', '.json']
    const paths = names.flatMap((name) => extensions.map((extension) => name + extension))
    const targets = [...paths, '/', 'a/', 'b/', 'index/', 'b']
    const reached = new Set<string>()

    for (const target of targets) {
      for (const path of candidates(target)) {
        expect([...targetsThatMayMean(path)]).toContain(target)
        reached.add(path)
      }
    }
    for (const path of [...paths, ...reached]) {
      for (const target of targetsThatMayMean(path)) {
        // The root without a slash is the target of nothing.
        if (target !== '') expect([...candidates(target)]).toContain(path)
      }
    }
  })
})
