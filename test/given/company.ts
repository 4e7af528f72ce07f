/** A schema of people and where they work: defaults, options, several ends, a relation type of two pairs. */
import { z } from 'zod'
import { defineSchema } from '../../src/index.js'

const address = z.object({ city: z.string(), zip: z.string().nullable().optional() })

export const company = defineSchema({
  entities: {
    Person: z.object({
      name: z.string().trim().min(1),
      age: z.number().int().optional(),
      tags: z.array(z.string()).default([]),
      address: address.optional(),
    }),
    Company: z.object({ title: z.string() }),
    Team: z.object({ size: z.number().default(1) }),
  },
  relations: {
    WORKS_AT: { from: 'Person', to: ['Company', 'Team'], metadata: z.object({ since: z.number() }) },
    PART_OF: [
      { from: 'Team', to: 'Company', metadata: z.object({ share: z.number() }) },
      { from: 'Company', to: 'Company', metadata: z.object({ year: z.number() }) },
    ],
    KNOWS: { from: 'Person', to: 'Person' },
  },
})
