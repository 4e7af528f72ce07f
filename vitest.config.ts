import { defineConfig } from 'vitest/config'

/** Where CI wants the counts as JSON, besides the usual report. */
const report = process.env.TEST_REPORT

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/model/databases.ts',
    pool: 'forks',
    testTimeout: 60_000,
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
