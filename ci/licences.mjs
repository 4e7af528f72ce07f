/** The licences of what a bundle holds of others, as their terms ask: with every copy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * @param ids the modules of the bundle, as rolldown names them.
 * @param bundler the folder of the bundler: helpers of its own come without a package.
 * @throws where a package has no licence to ship, which means that it may not be bundled.
 */
export function licencesOf(ids, bundler) {
  const folders = new Set()
  for (const id of ids) {
    if (id.startsWith('\0')) folders.add(bundler)
    else if (/[\\/]node_modules[\\/]/.test(id)) folders.add(folderOf(id))
  }
  const texts = [...folders].map(licenceOf).sort((a, b) => (a < b ? -1 : 1))
  return ['This package holds code of others, under these licences.', ...texts].join(`\n\n${'-'.repeat(80)}\n\n`)
}

function licenceOf(folder) {
  const { name, version, license } = packageIn(folder)
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file))
  if (files.length === 0) throw new Error(`${name} is bundled and has no licence file`)
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license})`, ...texts].join('\n\n')
}

/** The folder of the package: some have further ones inside, without a name, to say how to load a file. */
function folderOf(id) {
  let folder = dirname(id)
  while (packageIn(folder)?.version === undefined) folder = dirname(folder)
  return folder
}

function packageIn(folder) {
  const path = join(folder, 'package.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}
