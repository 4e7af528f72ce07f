/** Plants a fault: the product is tested with a place of it replaced as it is loaded. No file is written. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'
import { type Fault, faults } from './faults.js'

/** Nothing planted, and all else as if: what the faults are compared with. */
export const noFault = 'none'

/** What a configuration of tests needs to plant a fault. */
export function planted(name: string) {
  const setupFiles = [fileURLToPath(new URL('./setup.ts', import.meta.url))]
  if (name === noFault) return { plugins: [], setupFiles }
  const fault = faults.find((one) => one.name === name)
  if (fault === undefined) throw new Error(`No fault is called ${JSON.stringify(name)}`)
  return { plugins: [planting(fault)], setupFiles }
}

/** Transforms one file, which is kept beside the ones of other faults and of none. */
function planting(fault: Fault): Plugin {
  const path = pathOf(fault)
  const isPlace = (id: string) => id.split('?')[0] === path
  return {
    name: 'planted fault',
    enforce: 'pre',
    transform: (code, id) => (isPlace(id) ? plant(fault, code) : undefined),
    configureVitest({ experimental_defineCacheKeyGenerator: defineKey }) {
      defineKey(({ id }) => (isPlace(id) ? JSON.stringify(fault) : undefined))
    },
  }
}

/**
 * The source with the fault in it.
 *
 * @throws where the text to replace does not stand there exactly once: the code has changed, and the
 * fault must follow it.
 */
export function plant({ name, file, replace, by }: Fault, source: string): string {
  const parts = source.split(replace)
  if (parts.length === 2 && replace !== by) return parts.join(by)
  throw new Error(`Fault ${name}: ${file} has ${parts.length - 1} places like ${JSON.stringify(replace)}, not one`)
}

export function sourceOf(fault: Fault): string {
  return readFileSync(pathOf(fault), 'utf8')
}

/** With slashes, as Vite has them. */
function pathOf({ file }: Fault): string {
  return fileURLToPath(new URL(`../../${file}`, import.meta.url)).replaceAll('\\', '/')
}
