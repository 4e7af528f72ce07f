import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faults } from './faults.js'
import { plant, sourceOf } from './plant.js'

describe('faults', () => {
  it.each(faults)('can be planted, and belong to a law that is there: $name', (fault) => {
    const source = sourceOf(fault)
    const { file, title } = fault.foundBy

    expect(plant(fault, source)).not.toBe(source)
    expect(readFileSync(file, 'utf8')).toContain(`it('${title}'`)
  })

  it('have names of their own', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length)
  })
})
