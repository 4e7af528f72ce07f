/** `npm run faults`: the laws against the product with faults planted, one after the other. */
import { defineConfig } from 'vitest/config'

// biome-ignore lint/style/noDefaultExport: Vitest asks for one.
export default defineConfig({
  test: {
    include: ['test/faults/*.trial.ts'],
    pool: 'forks',
    maxConcurrency: 2,
    reporters: ['verbose'],
  },
})
