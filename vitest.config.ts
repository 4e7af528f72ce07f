/**
 * One suite, a project for each database: SQLite has all of it, PostgreSQL what is said of every database (with
 * a part of the laws' histories: what they are about is the same, and each is ten times slower) and of servers.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { chooseDatabases, type DatabaseName } from './test/model/databases.js'

/** Where CI wants the counts as JSON, besides the usual report. */
const report = process.env.TEST_REPORT
const lawsScale = Number(process.env.LAWS_SCALE ?? 1)
const partOfLaws = 0.1

const all = 'test/**/*.test.ts'
const ofServers = ['test/**/postgres.test.ts', 'test/**/postgres/**/*.test.ts']
const ofEveryDatabase = [
  ...['test/{events,graph,history,laws,state}/**/*.test.ts', 'test/stream/{export,import,tree}.test.ts'],
  ...['test/public-api.test.ts', 'test/database/connection.test.ts'],
]

/** Said in folders of the others, of SQLite's files alone or of no database. */
const ofFiles = [
  ...['test/history/verify/damage.test.ts', 'test/laws/files.test.ts'],
  ...['test/graph/{schema,typed}.test.ts', 'test/state/{apply,change}.test.ts'],
]

const names = await chooseDatabases()

/** PGlite does not look at the clock while a statement runs. */
const ofInterruptible = ['test/graph/budget.test.ts']

export default defineConfig({
  test: {
    pool: 'forks',
    // No test changes what another sees of a module: loading all of them for each file took half of the time.
    isolate: false,
    // Half of the time the tests of a server wait for it: those of files can go on meanwhile.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'queries/**/*.ts', 'migrations/**/*.ts'],
      reporter: ['text', 'html'],
    },
    projects: names.map((name) => ({ extends: true as const, test: projectOf(name) })),
  },
})

function projectOf(name: DatabaseName) {
  const env = { TEST_DATABASES: name }
  if (name === 'sqlite') {
    const typecheck = {
      enabled: true,
      include: ['test/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
      ignoreSourceErrors: true, // `npm run typecheck` reports these
    }
    return { name, include: [all], exclude: ofServers, env, typecheck }
  }
  const include = name === 'postgres' ? [...ofEveryDatabase, ...ofServers] : ofEveryDatabase
  const exclude = name === 'postgres' ? ofFiles : [...ofFiles, ...ofInterruptible]
  return { name, include, exclude, env: { ...env, LAWS_SCALE: String(lawsScale * partOfLaws) } }
}
