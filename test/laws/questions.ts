/** Everything that can be asked of a view, put to the product and to the model's state alike. */
import { expect } from 'vitest'
import { type EntityFilter, type Filter, listEntities, listRelations, type RelationFilter } from '../model/filter.js'
import type { View } from '../model/open.js'
import type { Element, State } from '../model/state.js'
import { entityTypes, ids, relationTypes, tags } from '../model/values.js'
import { type Direction, degree, neighbours, validAt, type Walk } from '../model/walk.js'
import { randomMetadata } from './conditions.js'
import type { Dice } from './dice.js'
import { randomMoment } from './moments.js'

const unknown = 'unknown'
const directions: Direction[] = ['out', 'in', 'both']

/** All that stands, and now and then what is valid of it at a moment. */
export async function askAll(view: View, state: State, dice: Dice, rounds: number): Promise<void> {
  await askSeen(view, state, dice, rounds)
  if (!dice.chance(20)) return
  const moment = randomMoment(state, dice)
  await askSeen(view.validAt(moment), validAt(state, moment), dice, 1)
}

/** The whole state by its lists, every id by itself, and `rounds` random questions of each kind. */
export async function askSeen(view: View, state: State, dice: Dice, rounds: number): Promise<void> {
  await askWhole(view, state)
  await askPoints(view, state)
  for (let round = 0; round < rounds; round++) {
    await askEntities(view, state, dice)
    await askRelations(view, state, dice)
    await askCount(view, state, dice)
    await askAround(view, state, dice)
  }
}

export async function askWhole(view: View, state: State): Promise<void> {
  expect(await collect(view.eachEntity({}))).toEqual(listEntities(state))
  expect(await collect(view.eachRelation({}))).toEqual(listRelations(state))
  const { entities, relations } = state
  expect(await view.count()).toEqual({ entities: entities.size, relations: relations.size })
  expect(await view.types()).toEqual({
    entities: tally([...entities.values()].map(({ entityType }) => entityType)),
    relations: tally([...relations.values()].map(({ relationType }) => relationType)),
  })
}

/** How many there are of each type, by name. */
function tally(types: readonly string[]): { type: string; count: number }[] {
  return [...new Set(types)].sort().map((type) => ({ type, count: types.filter((other) => other === type).length }))
}

async function askPoints(view: View, state: State): Promise<void> {
  for (const id of [...ids, unknown]) {
    expect(await view.entity(id)).toEqual(state.entities.get(id))
    expect(await view.relation(id)).toEqual(state.relations.get(id))
  }
}

async function askEntities(view: View, state: State, dice: Dice): Promise<void> {
  const filter: EntityFilter = randomFilter(dice, [...state.entities.values()], entityTypes)
  if (dice.chance(30)) filter.tag = dice.pick([...tags, unknown])
  const expected = listEntities(state, filter)
  const { limit, offset } = randomPage(dice)

  const page = await view.entities({ ...dated(filter, dice), limit, offset })
  expect(page.items, said(filter)).toEqual(expected.slice(offset, offset + limit))
  const pages = readPages((cursor) => view.entities({ ...filter, limit, offset, ...cursor }))
  expect(await pages, said(filter)).toEqual(expected.slice(offset))
  expect(await collect(view.eachEntity(filter)), said(filter)).toEqual(expected)
}

async function askRelations(view: View, state: State, dice: Dice): Promise<void> {
  const filter: RelationFilter = randomFilter(dice, [...state.relations.values()], relationTypes)
  if (dice.chance(25)) filter.from = dice.pick([...ids, unknown])
  if (dice.chance(25)) filter.to = dice.pick([...ids, unknown])
  if (dice.chance(25)) filter.touching = dice.pick([...ids, unknown])
  const expected = listRelations(state, filter)
  const { limit, offset } = randomPage(dice)

  const page = await view.relations({ ...dated(filter, dice), limit, offset })
  expect(page.items, said(filter)).toEqual(expected.slice(offset, offset + limit))
  const pages = readPages((cursor) => view.relations({ ...filter, limit, offset, ...cursor }))
  expect(await pages, said(filter)).toEqual(expected.slice(offset))
  expect(await collect(view.eachRelation(filter)), said(filter)).toEqual(expected)
}

/** A filter of both elements; what only one of them has keeps none of the other. */
async function askCount(view: View, state: State, dice: Dice): Promise<void> {
  const elements = [...state.entities.values(), ...state.relations.values()]
  const filter = randomFilter(dice, elements, [...entityTypes, ...relationTypes])
  const tag = dice.chance(20) ? { tag: dice.pick(tags) } : undefined
  const end = dice.chance(20) ? { [dice.pick(['from', 'to', 'touching'])]: dice.pick(ids) } : undefined
  const entities = end ? 0 : listEntities(state, { ...filter, ...tag }).length
  const relations = tag ? 0 : listRelations(state, { ...filter, ...end }).length
  const asked = { ...dated(filter, dice), ...tag, ...end }
  expect(await view.count(asked), said(asked)).toEqual({ entities, relations })
}

async function askAround(view: View, state: State, dice: Dice): Promise<void> {
  const id = dice.chance(90) && state.entities.size > 0 ? dice.pick([...state.entities.keys()]) : dice.pick(ids)
  const walk: Walk = {
    ...(dice.chance(80) ? { direction: dice.pick(directions) } : {}),
    ...(dice.chance(50) ? { relationType: oneOrSome(dice, relationTypes) } : {}),
  }
  const types = dice.chance(30) ? { entityType: oneOrSome(dice, entityTypes) } : {}
  const expected = neighbours(state, id, { ...walk, ...types })
  const limit = 1 + dice.roll(4)

  expect(await view.degree(id, walk), said(walk)).toBe(degree(state, id, walk))
  const pages = readPages((cursor) => view.neighbours(id, { ...walk, ...types, limit, ...cursor }))
  expect(await pages, said({ id, ...walk, ...types })).toEqual(expected)
}

export function randomFilter(dice: Dice, elements: Element[], types: string[]): Filter {
  const moments = elements.flatMap(({ createdAt }) => [createdAt - 1, createdAt, createdAt + 1])
  const filter: Filter = {}
  if (dice.chance(50)) filter.type = oneOrSome(dice, types)
  if (dice.chance(20)) filter.ids = dice.some([...ids, unknown, 'a'], 40)
  if (dice.chance(20) && moments.length > 0) filter.createdAfter = dice.pick(moments)
  if (dice.chance(20) && moments.length > 0) filter.createdBefore = dice.pick(moments)
  if (dice.chance(8)) filter.metadata = randomMetadata(dice, elements)
  if (dice.chance(60)) filter.orderBy = dice.pick(['id', 'createdAt', 'updatedAt'])
  if (dice.chance(50)) filter.order = dice.pick(['asc', 'desc'])
  return filter
}

/** The same question with dates for some of its moments. */
export function dated<F extends Filter>(filter: F, dice: Dice): Omit<F, 'createdAfter' | 'createdBefore'> {
  const { createdAfter, createdBefore, ...rest } = filter
  const moment = (time: number) => (dice.chance(50) ? new Date(time) : time)
  return {
    ...rest,
    ...(createdAfter === undefined ? {} : { createdAfter: moment(createdAfter) }),
    ...(createdBefore === undefined ? {} : { createdBefore: moment(createdBefore) }),
  }
}

function randomPage(dice: Dice): { limit: number; offset: number } {
  return { limit: 1 + dice.roll(5), offset: dice.chance(60) ? 0 : dice.roll(6) }
}

export function oneOrSome(dice: Dice, types: string[]): string | string[] {
  return dice.chance(50) ? dice.pick([...types, unknown]) : dice.some(types, 50)
}

/** The items of all pages; a page that is not the last has a cursor and something in it. */
export async function readPages<T>(
  read: (next: { cursor?: string }) => Promise<{ items: T[]; cursor?: string }>,
): Promise<T[]> {
  const items: T[] = []
  let next: { cursor?: string } = {}
  for (;;) {
    const page = await read(next)
    items.push(...page.items)
    if (page.cursor === undefined) return items
    expect(page.items).not.toEqual([])
    next = { cursor: page.cursor }
  }
}

export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of iterable) items.push(item)
  return items
}

export function said(question: unknown): string {
  return JSON.stringify(question)
}
