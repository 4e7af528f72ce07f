/** What was measured: one line a figure, and the same as data. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { openDriver } from '../../src/database/sqlite/driver.js'
import type { Comparison, Spread } from './compare.js'
import { folder, isQuick, memoryFolder } from './folder.js'

/** A figure, its numbers in the unit that it says. */
export interface Figure {
  figure: string
  unit: string
  measured: number
  /** What it is compared with; absent where the limit is absolute. */
  floor?: number
  /** What the limit speaks of: measured over floor, the floor's time over the measured one, or the measured value itself. */
  value: Spread
  limit: string
  ok: boolean
}

export type Limit = { atMost: number } | { atLeastOfFloor: number }

const widths = [72, 10, 10, 19, 9]

/** Reports a comparison of times. `atLeastOfFloor` is a part of the floor's speed. */
export function report(figure: string, { measured, floor, ratio }: Comparison, limit: Limit): void {
  const unit = Math.max(measured, floor) >= 1_000 ? 'ms' : 'µs'
  const scale = unit === 'ms' ? 1_000 : 1
  const times = { figure, unit, measured: measured / scale, floor: floor / scale }
  if ('atMost' in limit) {
    write({ ...times, value: ratio, limit: `≤ ${limit.atMost}×`, ok: ratio.p50 <= limit.atMost })
  } else {
    const value = { p25: 1 / ratio.p75, p50: 1 / ratio.p50, p75: 1 / ratio.p25 }
    const text = `≥ ${Math.round(limit.atLeastOfFloor * 100)} %`
    write({ ...times, value, limit: text, ok: value.p50 >= limit.atLeastOfFloor })
  }
}

/** Reports a comparison as how much is done in a second, of which each turn does so much. */
export function reportRate(
  figure: string,
  { measured, floor, ratio }: Comparison,
  inTurn: number,
  { atLeastOfFloor }: { atLeastOfFloor: number },
): void {
  const value = { p25: 1 / ratio.p75, p50: 1 / ratio.p50, p75: 1 / ratio.p25 }
  const rates = { measured: (inTurn / measured) * 1e6, floor: (inTurn / floor) * 1e6 }
  const limit = `≥ ${Math.round(atLeastOfFloor * 100)} %`
  write({ figure, unit: '/s', ...rates, value, limit, ok: value.p50 >= atLeastOfFloor })
}

/** Reports a value with a limit of its own. */
export function reportValue(figure: string, value: Spread, unit: string, atMost: number): void {
  write({ figure, unit, measured: value.p50, value, limit: `≤ ${atMost} ${unit}`, ok: value.p50 <= atMost })
}

/** Says something that is no figure: what could not be measured, and why. */
export function note(text: string): void {
  console.log(`  (${text})`)
}

function write(figure: Figure): void {
  console.log(line(figure))
  appendFileSync(figuresFile, `${JSON.stringify(figure)}\n`)
}

function line({ figure, unit, measured, floor, value, limit, ok }: Figure): string {
  const share = limit.includes('%')
  const isRatio = floor !== undefined
  const show = (number: number) => (share ? `${(number * 100).toFixed(0)}` : number.toFixed(number < 10 ? 2 : 1))
  const spread = `${show(value.p50)}${share ? ' %' : isRatio ? '×' : ''} (${show(value.p25)}–${show(value.p75)})`
  const cells = [figure, amount(measured, unit), floor === undefined ? '' : amount(floor, unit), spread, limit]
  return `${cells.map((cell, index) => pad(cell, widths[index] as number, index > 0)).join('  ')}  ${ok ? 'ok' : 'OVER'}`
}

function amount(value: number, unit: string): string {
  return `${value < 100 ? value.toFixed(value < 10 ? 2 : 1) : Math.round(value)} ${unit}`
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width)
}

export function printHead(): void {
  const titles = ['figure', 'measured', 'floor', 'ratio (p25–p75)', 'limit']
  console.log(titles.map((title, index) => pad(title, widths[index] as number, index > 0)).join('  '))
}

/** What the machine is, and what else it does. */
export function machineNotes(): Record<string, string> {
  const sqlite = openDriver(':memory:')
  const version = sqlite.prepare('select sqlite_version()').pluck().get() as string
  sqlite.close()
  const driver = createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string }
  return {
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    load: loadavg()[0]?.toFixed(2) ?? '',
    node: process.version,
    sqlite: `${version} (better-sqlite3 ${driver.version})`,
    files: folder,
    'files in memory': memoryFolder === undefined ? 'none: commits are measured on the disk' : memoryFolder,
    data: isQuick ? 'a tenth (--quick)' : 'whole',
  }
}

/** Ends a run: what was over, and all of it as JSON where a file is named. */
export function printEnd(notes: Record<string, string>, seconds: number, jsonFile: string | undefined): void {
  const figures = readFigures()
  const over = figures.filter(({ ok }) => !ok)
  console.log(`\n${figures.length} figures in ${Math.round(seconds)} s, ${over.length} over their limit`)
  for (const figure of over) console.log(line(figure))
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify({ machine: notes, figures }, null, 2)}\n`)
}

const figuresFile = join(folder, 'figures.ndjson')

function readFigures(): Figure[] {
  if (!existsSync(figuresFile)) return []
  const lines = readFileSync(figuresFile, 'utf8').split('\n')
  return lines.filter((text) => text !== '').map((text) => JSON.parse(text) as Figure)
}
