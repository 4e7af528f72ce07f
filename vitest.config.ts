import { defineConfig } from 'vitest/config'
import { planted } from './test/faults/plant.js'

/** Where CI wants the counts as JSON, besides the usual report. */
const report = process.env.TEST_REPORT
/** A fault to plant in the product: what do the tests say of it? */
const fault = process.env.INNER_UNIVERSE_FAULT
const withFault = fault === undefined ? undefined : planted(fault)

export default defineConfig({
  plugins: withFault?.plugins ?? [],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: withFault?.setupFiles ?? [],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    typecheck: {
      enabled: true,
      include: ['test/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
      ignoreSourceErrors: true, // `npm run typecheck` reports these
    },
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'queries/**/*.ts', 'migrations/**/*.ts'],
      reporter: ['text', 'html'],
    },
  },
})
