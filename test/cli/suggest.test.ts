import { describe, expect, it } from 'vitest'
import { similar } from '../../src/cli/suggest.js'

describe('a suggestion', () => {
  const names = ['Person', 'Company', 'file', 'directory', 'KNOWS', 'KNOWN_BY']

  it('is what is few edits away, another case least of all', () => {
    expect(similar('Persn', names)).toEqual(['Person'])
    expect(similar('person', names)).toEqual(['Person'])
    expect(similar('Compnay', names)).toEqual(['Company'])
    expect(similar('fiel', names)).toEqual(['file'])
    expect(similar('knows', names)).toEqual(['KNOWS'])
    expect(similar('KNOWX', ['KNOWS', 'KNOWN'])).toEqual(['KNOWS', 'KNOWN'])
  })

  it('is nothing where no name is like it', () => {
    expect(similar('Robot', names)).toEqual([])
    expect(similar('x', names)).toEqual([])
    expect(similar('Person', [])).toEqual([])
  })
})
