/**
 * What a schema costs the compiler: a program of a large schema, checked, and its instantiations
 * counted. They are the same on every machine.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const folder = dirname(fileURLToPath(import.meta.url))

/** A program that writes and reads every type of a schema of so many entity types and twice as many relation types. */
function sampleOf(size: number): string {
  const numbers = Array.from({ length: size }, (_, index) => index)
  const entities = numbers.map(
    (n) =>
      `    E${n}: z.object({ name: z.string(), n${n}: z.number().optional(), at: z.object({ city: z.string(), zip: z.string() }) }),`,
  )
  const relations = numbers.flatMap((n) => [
    `    R${n}: { from: 'E${n}', to: ['E${(n + 1) % size}', 'E${(n + 2) % size}'], metadata: z.object({ since: z.number() }) },`,
    `    P${n}: [{ from: 'E${n}', to: 'E${n}' }, { from: ['E${(n + 3) % size}'], to: 'E${n}', metadata: z.object({ n: z.number() }) }],`,
  ])
  const writes = numbers.flatMap((n) => [
    `  const e${n} = draft.createEntity('E${n}', { name: 'x', at: { city: 'x', zip: 'x' } })`,
    `  draft.createRelation('P${n}', e${n}, e${n})`,
    `  draft.updateEntity(e${n}, { n${n}: null, at: { zip: 'y' } })`,
  ])
  const reads = numbers.flatMap((n) => [
    `const l${n} = (await view.entities({ type: 'E${n}' })).items[0]!`,
    `const o${n}: 'E${(n + 1) % size}' | 'E${(n + 2) % size}' = (await view.neighbours(l${n}, { relationType: 'R${n}' })).items[0]!.entity.entityType`,
    `const i${n}: 'E${n}' = (await view.neighbours('x', { relationType: 'R${n}', direction: 'in' })).items[0]!.entity.entityType`,
    `const c${n}: MetadataConditions<(typeof l${n})['metadata']> = { n${n}: { gt: 1 }, 'at.city': { eq: 'x' } }`,
    `type S${n} = Step<typeof schema, 'both', Step<typeof schema, 'out', 'E${n}', 'R${n}'>, 'P${n}'>`,
  ])
  return `
import { z } from 'zod'
import type { MetadataConditions } from '../../src/graph/condition.js'
import type { Step } from '../../src/graph/typed.js'
import { defineSchema, openUniverse } from '../../src/index.js'
const schema = defineSchema({
  entities: {
${entities.join('\n')}
  },
  relations: {
${relations.join('\n')}
  },
})
const universe = await openUniverse(':memory:', { schema })
const view = universe.at(new Date())
await universe.commit('x', (draft) => {
${writes.join('\n')}
})
${reads.join('\n')}
const entity = await view.requireEntity('x')
if (entity.entityType === 'E0') entity.metadata.at.city
for (const { before } of await universe.history('x')) before?.metadata
for (const { after } of (await universe.diff('a', 'b')).relations.updated) if (after.relationType === 'R0') after.metadata.since
await view.neighbours('x')
`
}

/** The errors of a program and the instantiations that checking it takes. */
function check(text: string) {
  const path = join(folder, 'sample-of-types.ts')
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, '../../tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => undefined,
    },
  )
  const options = config?.options ?? {}
  const host = ts.createCompilerHost(options)
  const readFile = host.getSourceFile
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023) : readFile(name, ...rest)
  host.fileExists = (name) => name === path || ts.sys.fileExists(name)
  const program = ts.createProgram([path], options, host)
  const errors = program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ messageText }) => messageText)
  return { errors, instantiations: program.getInstantiationCount() }
}

describe('the types of a large schema', () => {
  it('of 50 entity types and 100 relation types stay within a budget of instantiations', { timeout: 120_000 }, () => {
    const small = check(sampleOf(25))
    const large = check(sampleOf(50))

    expect([...small.errors, ...large.errors]).toEqual([])
    expect(large.instantiations).toBeLessThan(250_000) // 192,000 when it was measured
    // Twice the schema and twice the program: what looks at every relation type makes it more than double.
    expect(large.instantiations).toBeLessThan(3 * small.instantiations)
  })

  it('are checked: a program with a wrong end is found in a sample of any size', { timeout: 60_000 }, () => {
    const wrong = check(sampleOf(5).replace("draft.createRelation('P0', e0, e0)", "draft.createRelation('R0', e0, e0)"))

    expect(wrong.errors).toHaveLength(1)
  })
})
