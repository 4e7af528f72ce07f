/** What is asked of migrations, and what they answer, whichever the database. */
import type { MigrationInfo, MigrationResult } from 'kysely'
import { UniverseError } from '../model/errors.js'

/** All migrations that have not run, the next one, or the last one back. */
export type MigrationStep = 'latest' | 'up' | 'down'

export interface MigrationOptions {
  /** Whether a migration is taken back although versions are lost with it. */
  force: boolean
}

export interface MigrationDone {
  name: string
  direction: 'up' | 'down'
}

export interface ListedMigration {
  name: string
  /** Milliseconds since the Unix epoch; null where it has not run. */
  executedAt: number | null
}

/** How long a migration waits for others, in milliseconds. */
export const busyTimeoutMs = 10_000

/** Taking a migration back would lose versions. Make a backup (on a server with pg_dump), then force it. */
export class VersionsLostError extends UniverseError {
  readonly code = 'VERSIONS_LOST'
  readonly versions: number

  constructor(facts: { address: string; versions: number; backup: string }) {
    const versions = facts.versions === 1 ? 'the version' : `the ${facts.versions} versions`
    super(`Taking a migration back would lose ${versions} of ${facts.address}`, {
      hint: `${facts.backup}, then use --force.`,
    })
    this.versions = facts.versions
  }
}

/** What was done, in the words of ours. */
export function doneOf(results: readonly MigrationResult[]): MigrationDone[] {
  return results.map(({ migrationName, direction }) => ({
    name: migrationName,
    direction: direction === 'Up' ? 'up' : 'down',
  }))
}

export function listedOf(migrations: readonly MigrationInfo[]): ListedMigration[] {
  return migrations.map(({ name, executedAt }) => ({ name, executedAt: executedAt?.getTime() ?? null }))
}
