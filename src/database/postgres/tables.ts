/** Whose the tables of a schema are. */
import { ownTables } from '../../../queries/maintenance.js'
import { allTables } from '../../../queries/tables.js'
import { IntegrityError } from '../../model/errors.js'

/**
 * Whether the tables of a schema are those of a universe. Others may have tables beside it, but not of its names;
 * those of Kysely's migrator stay where all migrations were taken back.
 *
 * @throws {IntegrityError} where somebody else has tables of these names.
 */
export function isUniverse(names: ReadonlySet<string>, address: string): boolean {
  if (ownTables.every((table) => names.has(table))) return true
  const foreign = allTables.filter((table) => names.has(table) && !table.startsWith('kysely_'))
  if (foreign.length === 0) return false
  const some = foreign.length === 1 ? `a table ${foreign[0]}` : `tables ${foreign.join(', ')}`
  throw new IntegrityError({
    reason: `${address} is not a universe: it has ${some} of something else`,
    hint: 'Give it a schema of its own, with ?schema=name in the address.',
  })
}
