/**
 * `npm run faults`: the laws against the product with faults planted, one after the other.
 *
 * With INNER_UNIVERSE_FAULT=<name>: any tests against the product with this one planted.
 */
import { defineConfig } from 'vitest/config'
import { planted } from './plant.js'

const fault = process.env.INNER_UNIVERSE_FAULT
const { plugins, setupFiles } = fault === undefined ? { plugins: [], setupFiles: [] } : planted(fault)

// biome-ignore lint/style/noDefaultExport: Vitest asks for one.
export default defineConfig({
  plugins,
  test: {
    include: [fault === undefined ? 'test/faults/*.trial.ts' : 'test/**/*.test.ts'],
    setupFiles,
    pool: 'forks',
    // A trial changes one file of the product: the rest was transformed by the one before.
    experimental: { fsModuleCache: true },
    maxConcurrency: 2,
    testTimeout: 60_000,
    hookTimeout: 20_000,
    reporters: ['verbose'],
  },
})
