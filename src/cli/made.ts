/** What is said of a version that a command has made. */
import type { Universe, Version } from '../index.js'
import { colours, firstLine, print, printable } from './output.js'
import { Shortener } from './shorten.js'

/** Its id and description on a line, as `log` has them. */
export async function printMade(universe: Universe, { versionId, description }: Version): Promise<void> {
  const shortener = new Shortener(universe)
  await shortener.measure([versionId])
  print(`${colours.yellow(printable(shortener.shorten(versionId)))}  ${firstLine(description)}`.trimEnd())
}
