/** Rows in columns, without lines around them. On a terminal the last column ends where the screen does. */
import { stripVTControlCharacters } from 'node:util'
import { isTerminal, print } from './output.js'

const gap = '  '
/** A last column narrower than this says nothing. */
const narrowest = 12

export async function printTable(rows: readonly (readonly string[])[]): Promise<void> {
  if (rows.length > 0) print(await tableOf(rows))
}

export async function tableOf(rows: readonly (readonly string[])[]): Promise<string> {
  const { default: Table } = await import('cli-table3')
  const none = ['top', 'bottom', 'mid'].flatMap((edge) => [edge, `${edge}-mid`, `${edge}-left`, `${edge}-right`])
  const last = widthLeft(rows)
  const table = new Table({
    chars: {
      ...Object.fromEntries(['left-mid', 'mid-mid', 'right-mid', 'left', 'right', ...none].map((name) => [name, ''])),
      middle: gap,
    },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(last === undefined ? {} : { colWidths: [...(rows[0] ?? []).slice(1).map(() => null), last] }),
  })
  for (const row of rows) table.push([...row])
  return table.toString().replaceAll(/[ \t]+$/gm, '')
}

/** How wide the last column may be; undefined where nothing has to be cut. */
function widthLeft(rows: readonly (readonly string[])[]): number | undefined {
  if (!isTerminal) return undefined
  const columns = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, stripVTControlCharacters(row[column] ?? '').length), 0),
  )
  const last = columns.pop() ?? 0
  const left = process.stdout.columns - columns.reduce((sum, width) => sum + width + gap.length, 0)
  return last <= left ? undefined : Math.max(narrowest, left)
}
