/** What the tour shows, station after station. */
import type { Diff, HistoryEntry, Neighbour, Universe, Version } from '../../index.js'
import { changesBetween } from '../../state/change.js'
import { linesOfUpdate, nameOf, shortJson, signed } from '../describe.js'
import { isoTime } from '../moment.js'
import { colours, firstLine, print, printable } from '../output.js'
import { Shortener } from '../shorten.js'
import { type Choice, chooseEntity } from './choose.js'
import { firstOf, grouped, show } from './step.js'

/** How many lines of an answer are shown. */
const shown = 8
/** How many versions the comparison spans. */
const span = 10

export async function showAround(universe: Universe): Promise<void> {
  const chain = await universe.versions.history('main')
  const shortener = new Shortener(universe)
  await shortener.measure(chain.slice(0, span + 1).map(({ versionId }) => versionId))
  const short = ({ versionId }: Version) => printable(shortener.shorten(versionId))
  await showCounts(universe)
  await showNewest(universe, short)
  const choice = await chooseEntity(universe, chain)
  if (choice !== undefined) {
    await shortener.measure([choice.old.versionId])
    await showNeighbours(universe, choice, short)
    await showMoment(universe, choice)
    await showHistory(universe, choice, short)
  }
  await showDifference(universe, chain, short)
  print('')
  print(colours.dim('Times are medians of a few calls in this process. In code a version id is given whole.'))
}

async function showCounts(universe: Universe): Promise<void> {
  await show({
    title: 'What is in it',
    code: 'await universe.stats()',
    call: () => universe.stats(),
    lines: (stats) => [
      `${grouped(stats.entities)} entities and ${grouped(stats.relations)} relations stand at the head of main`,
      `${grouped(stats.versions)} versions, ${grouped(stats.entityHistory + stats.relationHistory)} superseded states,` +
        ` ${grouped(stats.events)} events, ${(stats.bytes / 2 ** 20).toFixed(1)} MiB`,
    ],
  })
}

async function showNewest(universe: Universe, short: (version: Version) => string): Promise<void> {
  await show({
    title: 'The newest versions',
    code: `await universe.versions.history('main', { limit: 5 })`,
    call: () => universe.versions.history('main', { limit: 5 }),
    lines: (versions) =>
      versions.map((version) =>
        `${colours.yellow(short(version))}  ${isoTime(version.timestamp)}  ${firstLine(version.description)}`.trimEnd(),
      ),
  })
}

async function showNeighbours(universe: Universe, { id, old }: Choice, short: (version: Version) => string) {
  const now = await show({
    title: `What ${printable(id)} leads to now`,
    code: `await universe.head.neighbours(${quoted(id)})`,
    call: () => universe.head.neighbours(id),
    lines: ({ items }) => linesOf(items),
  })
  const view = universe.at({ version: old.versionId })
  await show({
    title: `and ${age(old)}, at version ${old.sequence}`,
    code: `await universe.at('${short(old)}').neighbours(${quoted(id)})`,
    call: () => view.neighbours(id),
    lines: ({ items }) => [...linesOf(items), ...differences(items, now.items)],
  })
}

async function showMoment(universe: Universe, { id, old }: Choice): Promise<void> {
  await show({
    title: 'The same by a moment',
    code: `await universe.at(new Date('${isoTime(old.timestamp)}')).entity(${quoted(id)})`,
    call: () => universe.at({ time: old.timestamp }).entity(id),
    lines: (entity) => [
      entity === undefined ? 'undefined: it did not stand yet' : `${nameOf(entity)} ${shortJson(entity.metadata)}`,
    ],
  })
}

async function showHistory(universe: Universe, { id }: Choice, short: (version: Version) => string): Promise<void> {
  const lineOf = ({ version, kind, before, after }: HistoryEntry) => {
    const changed =
      before && after
        ? linesOfUpdate(before, after, [...changesBetween(before.metadata, after.metadata)]).map((line) => line.trim())
        : []
    return `${colours.yellow(short(version))}  ${isoTime(version.timestamp)}  ${kind}  ${changed.join('  ')}`.trimEnd()
  }
  await show({
    title: 'Every state it has had',
    code: `await universe.history(${quoted(id)})`,
    call: () => universe.history(id),
    lines: (entries) => firstOf(entries.map(lineOf), shown),
  })
}

async function showDifference(universe: Universe, chain: readonly Version[], short: (version: Version) => string) {
  const [head, before] = [chain[0], chain[Math.min(span, chain.length - 1)]]
  if (head === undefined || before === undefined) return
  await show({
    title: `What changed in the last ${grouped(head.sequence - before.sequence)} versions`,
    code: `await universe.diff('${short(before)}', '${short(head)}')`,
    call: () => universe.diff({ version: before.versionId }, { version: head.versionId }),
    lines: (diff) => [counts(diff), ...firstOf(linesOfDiff(diff), shown)],
  })
}

function linesOf(neighbours: readonly Neighbour[]): string[] {
  if (neighbours.length === 0) return [colours.dim('nothing')]
  const lines = neighbours.map(
    ({ entity, relation }) => `${printable(relation.relationType)} → ${printable(entity.id)}`,
  )
  return firstOf(lines, shown)
}

function differences(old: readonly Neighbour[], now: readonly Neighbour[]): string[] {
  const [before, after] = [idsOf(old), idsOf(now)]
  const gained = [...after].filter((id) => !before.has(id)).length
  const lost = [...before].filter((id) => !after.has(id)).length
  return [colours.dim(`since then ${grouped(gained)} came and ${grouped(lost)} went`)]
}

function idsOf(neighbours: readonly Neighbour[]): Set<string> {
  return new Set(neighbours.map(({ relation }) => relation.id))
}

function counts({ entities, relations }: Diff): string {
  const of = ({ created, updated, deleted }: Diff['entities'] | Diff['relations']) =>
    `${grouped(created.length)} created, ${grouped(updated.length)} updated, ${grouped(deleted.length)} deleted`
  return `entities: ${of(entities)}; relations: ${of(relations)}`
}

function linesOfDiff({ entities, relations }: Diff): string[] {
  return [entities, relations].flatMap(({ created, updated, deleted }) => [
    ...deleted.map((element) => signed('-', nameOf(element))),
    ...created.map((element) => signed('+', nameOf(element))),
    ...updated.map(({ after, changes }) =>
      signed('~', `${nameOf(after)}  ${changes.map(({ path }) => printable(path)).join(' ')}`),
    ),
  ])
}

/** How long before now a version is, as people say it. */
function age({ timestamp }: Version): string {
  const days = Math.floor((Date.now() - timestamp) / 86_400_000)
  if (days < 1) return 'earlier today'
  if (days < 60) return days === 1 ? 'yesterday' : `${days} days ago`
  return days < 730 ? `${Math.floor(days / 30.44)} months ago` : `${Math.floor(days / 365.25)} years ago`
}

function quoted(id: string): string {
  return `'${printable(id).replaceAll("'", "\\'")}'`
}
