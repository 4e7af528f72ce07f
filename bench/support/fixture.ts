/**
 * The universe that reads are measured on: 50,000 entities, 250,000 relations, a hub with 200,000 past
 * relations, then 10,000 versions of 100 mixed operations; and the floor that holds its head.
 *
 * Built through the public API, once a run; each benchmark opens it anew.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { openUniverse, type Universe, type View } from '../../src/index.js'
import { Floor } from './floor.js'
import { folder, isQuick } from './folder.js'
import { Random } from './random.js'
import { type Hub, type Lifetimes, type Size, Story } from './story.js'

const scale = isQuick ? 0.1 : 1

export const sizes = {
  graph: { entities: 50_000 * scale, relations: 250_000 * scale } satisfies Size,
  versions: 10_000 * scale,
}

/** What is told at the beginning of each. */
export const stories = {
  graph: { ...sizes.graph, lifetimes: ['oldest first'] },
  hubs: { entities: 2_000, relations: 2_000, lifetimes: ['at random', 'long and short'] },
} satisfies Record<string, Size & { lifetimes: Lifetimes[] }>

/** What is known of the universe besides what it says itself. */
export interface Facts {
  /** Entities that stand at every version after the beginning, in random order. */
  entityIds: string[]
  /** By sequence: the version with sequence 1 comes first. */
  versionIds: string[]
  /** How many versions create the graph. */
  beginning: number
  hubs: Hub[]
  chronicleId: string
}

/** A universe of which that is known. */
export interface Told extends Facts {
  universe: Universe
}

export interface Fixture extends Told {
  path: string
  close(): Promise<void>
}

export const ages = ['oldest', 'middle', 'newest'] as const
export type Age = (typeof ages)[number]

/** The fixture with its floor. */
export async function openFixture(options: { analysed?: boolean } = {}): Promise<Fixture & { floor: Floor }> {
  await build('graph', stories.graph)
  const name = options.analysed ? analysed('graph') : 'graph'
  const fixture = await open(name, 'graph')
  const floor = Floor.open(floorPath(name))
  return {
    ...fixture,
    floor,
    async close() {
      floor.close()
      await fixture.close()
    },
  }
}

/** A small graph with hubs of two more lifetimes, each with 100 standing and 200,000 past relations. */
export async function openHubs(): Promise<Fixture> {
  await build('hubs', stories.hubs)
  return open('hubs', 'hubs')
}

/** The version at a part of the history after the beginning: 0 is its first, 1 the newest. */
export function versionAt({ versionIds, beginning }: Facts, part: number): string {
  return versionIds[beginning - 1 + Math.round((versionIds.length - beginning) * part)] as string
}

/** A view that is held, its version looked up already. */
export async function viewAt(fixture: Told, part: number): Promise<View> {
  const view = fixture.universe.at({ version: versionAt(fixture, part) })
  await view.entity(fixture.entityIds[0] as string)
  return view
}

export const partOf: Record<Age, number> = { oldest: 0, middle: 0.5, newest: 1 }

/** Tells an empty universe the whole story. */
export async function tell(universe: Universe, size: Size & { lifetimes: Lifetimes[] }): Promise<Facts> {
  const story = new Story(1)
  await universe.import(story.beginning(size, size.lifetimes))
  const entityIds = new Random(2).shuffle(story.entityIds)
  const beginning = story.versionIds.length
  await universe.import(story.middle(sizes.versions))
  const { versionIds, hubs, chronicleId } = story
  return { entityIds, versionIds, beginning, hubs, chronicleId }
}

async function build(name: string, size: Size & { lifetimes: Lifetimes[] }): Promise<void> {
  const path = universePath(name)
  if (existsSync(factsPath(name))) return
  const start = performance.now()
  const universe = await openUniverse(path, { durability: 'normal', auditLog: false })
  const facts = await tell(universe, size)
  if (name === 'graph') (await Floor.ofHead(floorPath(name), universe)).close()
  await universe.close()
  writeFileSync(factsPath(name), JSON.stringify(facts))
  console.error(`  (built ${name}: ${Math.round((performance.now() - start) / 1_000)} s)`)
}

async function open(name: string, factsOf: string): Promise<Fixture> {
  const facts = JSON.parse(readFileSync(factsPath(factsOf), 'utf8')) as Facts
  const path = universePath(name)
  const universe = await openUniverse(path, { durability: 'normal', auditLog: false })
  return { ...facts, path, universe, close: () => universe.close() }
}

/** A copy in which SQLite has statistics, as after a user's ANALYZE. */
function analysed(name: string): string {
  const copy = `${name}-analysed`
  if (existsSync(universePath(copy))) return copy
  for (const path of [universePath, floorPath]) {
    copyFileSync(path(name), path(copy))
    const driver = openDriver(path(copy))
    driver.exec('analyze')
    driver.close()
  }
  return copy
}

function universePath(name: string): string {
  return join(folder, `${name}.db`)
}

function floorPath(name: string): string {
  return join(folder, `${name}-floor.db`)
}

function factsPath(name: string): string {
  return join(folder, `${name}.json`)
}
