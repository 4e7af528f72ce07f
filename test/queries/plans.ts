/** What the planner says of a statement, boiled down: the indexes by name, scans of our tables, sorts. */
import type Driver from 'better-sqlite3'
import { clockFunction } from '../../queries/clock.js'
import type { CompiledStatement } from '../../queries/statement.js'

export interface Plan {
  /** The indexes, in the order of the alphabet; that of a rowid or of a table without one is 'PRIMARY KEY'. */
  indexes: string[]
  /** The tables of ours that are read from end to end, each with the index whose order is followed, if any. */
  scans: string[]
  /** How each of them is searched: its name and what of it is compared. */
  searches: string[]
  /** How often rows are sorted or made distinct in a temporary b-tree. */
  sorts: number
  /** Whether SQLite looks at what a LIMIT is given, and so plans anew whenever it is given. */
  seenLimit: boolean
}

interface Compilable {
  compile(dialect: 'sqlite'): CompiledStatement
}

const ours =
  'entity relation state_version version_parent delta_record event_log config entity_history relation_history entity_tag entity_tag_history lane branch snapshot'.split(
    ' ',
  )

export function planOf(driver: Driver.Database, statement: Compilable): Plan {
  const { sql, parameters } = statement.compile('sqlite')
  driver.function(clockFunction, { directOnly: true }, (_row: unknown) => 1)
  const rows = driver.prepare(`explain query plan ${sql}`).all(parameters.map(() => null)) as { detail: string }[]
  const tables = tablesOf(sql)
  const indexes = new Set<string>()
  const scans = new Set<string>()
  const searches: string[] = []
  let sorts = 0
  const made: string[] = []
  for (const { detail } of rows) {
    const [, subquery] = /^(?:CO-ROUTINE|MATERIALIZE) (\w+)$/.exec(detail) ?? []
    if (subquery !== undefined) made.push(subquery)
    // What the statement made itself is no table of ours, even where it is called like one.
    const [, scanned] = /^SCAN (\w+)$/.exec(detail) ?? []
    if (scanned !== undefined && made.includes(scanned)) {
      made.splice(made.indexOf(scanned), 1)
      continue
    }
    if (detail.includes('TEMP B-TREE')) sorts++
    const step =
      /^(SEARCH|SCAN) (\w+)(?: (?:EXISTS|LEFT-JOIN))?(?: USING (?:(?:AUTOMATIC |PARTIAL )*)?(?:COVERING )?(?:INDEX (\w+)|(?:INTEGER )?PRIMARY KEY))?/.exec(
        detail,
      )
    const table = step?.[2] === undefined ? undefined : tables.get(step[2])
    if (step === null || table === undefined) continue
    const index = nameOf(step[3], detail)
    if (step[1] === 'SCAN') scans.add(index === undefined ? table : `${table} by ${index}`)
    else {
      indexes.add(index as string)
      searches.push(`${index} ${/\(.*\)/.exec(detail)?.[0] ?? ''}`)
    }
  }
  return {
    indexes: [...indexes].sort(),
    scans: [...scans].sort(),
    searches,
    sorts,
    seenLimit: /\blimit \?(?! \+)/i.test(sql),
  }
}

/** The tables that a statement reads, by the names it gives them. */
function tablesOf(sql: string): Map<string, string> {
  const tables = new Map<string, string>()
  for (const [, table, alias] of sql.matchAll(/(?:from|join|into|update)\s+"?(\w+)"?(?:\s+as\s+"?(\w+)"?)?/gi)) {
    if (table !== undefined && ours.includes(table)) tables.set(alias ?? table, table)
  }
  return tables
}

function nameOf(index: string | undefined, detail: string): string | undefined {
  if (detail.includes('AUTOMATIC')) return 'AUTOMATIC INDEX'
  // The greatest key of a table is found without a word about how.
  if (index === undefined)
    return detail.includes('PRIMARY KEY') || detail.startsWith('SEARCH') ? 'PRIMARY KEY' : undefined
  const automatic = /^sqlite_autoindex_(\w+)_(\d)$/.exec(index)
  if (automatic === null) return index
  return `${automatic[1]}_${automatic[2] === '1' ? 'pk' : 'unique'}`
}
