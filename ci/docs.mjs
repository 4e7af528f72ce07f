/**
 * Writes the pages of docs that are made, not written: `npm run docs`. With `--check` it writes
 * nothing and fails where a page is not what it would write.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiPage } from './api-docs.mjs'
import { cliPage } from './cli-docs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = { 'docs/api.md': apiPage, 'docs/cli.md': cliPage }

for (const [name, make] of Object.entries(pages)) {
  const path = join(root, name)
  const page = make(root)
  if (!process.argv.includes('--check')) writeFileSync(path, page)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== page) {
    console.error(`${name} is not what the sources say: run \`npm run docs\``)
    process.exitCode = 1
  }
}
