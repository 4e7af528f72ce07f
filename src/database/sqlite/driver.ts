/**
 * The driver of SQLite, kept from what some versions of Node do to it.
 *
 * Where better-sqlite3 12 is compiled with the headers of Node 24.19 or later of that line, to collect one of its
 * objects ends the process if the collector happens to run outside of any environment. So none is collected
 * there: what nobody needs any more stays, about 40 KB for each opening of a universe. What SQLite has
 * for it goes when the database is closed.
 */
import Driver from 'better-sqlite3'

/** Opens a database. */
export function openDriver(path?: string | Buffer, options?: Driver.Options): Driver.Database {
  const driver = new Driver(path, options)
  return isDeadly(process.versions.node) ? neverCollected(driver) : driver
}

/** Whether collecting an object of the driver may end the process. */
export function isDeadly(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  return major === 24 && minor >= 19
}

const kept: object[] = []

function keep<T extends object>(object: T): T {
  kept.push(object)
  return object
}

/** The same database, which keeps itself and its statements. */
export function neverCollected(driver: Driver.Database): Driver.Database {
  const { prepare } = driver
  const prepareKept = (source: string) => keep(prepare.call(driver, source) as Driver.Statement)
  // The driver's own makes a statement that nobody else sees.
  const pragma = (source: string, { simple = false }: Driver.PragmaOptions = {}): unknown => {
    const statement: Driver.Statement = prepareKept(`PRAGMA ${source}`)
    if (statement.reader) return simple ? statement.pluck().get() : statement.all()
    statement.run()
    return simple ? undefined : []
  }
  return Object.assign(keep(driver), { prepare: prepareKept as typeof prepare, pragma })
}
