import type Driver from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  allBranches,
  branchByName,
  branchStandpoint,
  laneById,
  laneChain,
  laneEnds,
  moveBranch,
  nextLane,
} from '../../queries/branch.js'
import type { Condition } from '../../queries/condition.js'
import * as delta from '../../queries/delta.js'
import { entitiesByIds, entitiesStanding, entityPoint } from '../../queries/entity.js'
import { eventList, insertEvent, lastEvent, lastEventSeq } from '../../queries/event.js'
import { timelineOfId } from '../../queries/history.js'
import { standingOnLane, tagsSince } from '../../queries/lane.js'
import { countList, keyList, type ListShape, stateList } from '../../queries/list.js'
import { type MetadataShape, metadataTests } from '../../queries/metadata.js'
import * as projection from '../../queries/projection.js'
import { firstReachedFrom, reachedFrom, relationsBetween, relationsFrom } from '../../queries/reach.js'
import { degreeOf, neighboursOf, relationPoint, relationsByIds, relationsOfEntities } from '../../queries/relation.js'
import * as snapshots from '../../queries/snapshot.js'
import {
  type StepKind,
  traversedCount,
  traversedEntities,
  traversedIds,
  traversedPaths,
} from '../../queries/traverse.js'
import { statesEnded, statesKept } from '../../queries/trunk.js'
import * as versions from '../../queries/version.js'
import { openDriver } from '../../src/database/sqlite/driver.js'
import { openUniverse } from '../../src/index.js'
import { temporaryFolder } from '../given/folder.js'
import { fork } from '../given/fork.js'
import { type Plan, planOf } from './plans.js'

type Expectation = [name: string, statement: Parameters<typeof planOf>[1], indexes: string[], allowed?: Allowed]
interface Allowed {
  /** Why a table may be read from end to end. */
  scan?: string
  /** Why rows may be sorted. */
  sort?: string
}

const places = ['head', 'trunk', 'lineage'] as const
/** Versions by their sequences, with their further parents. */
const ofVersions = ['state_version_unique', 'PRIMARY KEY']
/** Which span classes are in use is asked of the newest sequence. */
const sequence = 'state_version_unique'

const pointReads: Expectation[] = [
  ...(
    [
      ['entity', entityPoint],
      ['relation', relationPoint],
    ] as const
  ).flatMap(([element, { head, headFirst, pastFirst, lineage }]): Expectation[] => [
    [`${element} at the head`, head, [`${element}_pk`]],
    [`${element} on the trunk`, headFirst, pointsOf(element, 'trunk')],
    [`${element} in the past`, pastFirst, pointsOf(element, 'trunk')],
    [`${element} on a lineage`, lineage, pointsOf(element, 'lineage')],
  ]),
  ...(['entity', 'relation'] as const).flatMap((element): Expectation[] => [
    [`statesEnded ${element}`, statesEnded({ element }), [`${element}_history_pk`, 'PRIMARY KEY']],
    [`statesKept ${element}`, statesKept({ element }), [`${element}_pk`]],
  ]),
  ...places.flatMap((place): Expectation[] => [
    [`entitiesByIds ${place}`, entitiesByIds({ place }), pointsOf('entity', place)],
    [`entitiesStanding ${place}`, entitiesStanding({ place, types: false }), pointsOf('entity', place)],
    [`entitiesStanding with types ${place}`, entitiesStanding({ place, types: true }), pointsOf('entity', place)],
    [`relationsByIds ${place}`, relationsByIds({ place }), pointsOf('relation', place)],
    [
      `relationsOfEntities ${place}`,
      relationsOfEntities({ place }),
      [...setOf('relation', place, 'from'), ...setOf('relation', place, 'to')],
    ],
  ]),
]

const neighbours: Expectation[] = places.flatMap((place) =>
  (['out', 'in', 'both'] as const).flatMap((direction) =>
    (['any', 'one', 'many'] as const).flatMap((relationTypes): Expectation[] => {
      const near = [
        ...(direction === 'in' ? [] : setOf('relation', place, 'from')),
        ...(direction === 'out' ? [] : setOf('relation', place, 'to')),
      ]
      const name = `${place} ${direction} ${relationTypes}`
      const sort = { sort: 'by relation id, over the relations of one entity' }
      return [
        [`degreeOf ${name}`, degreeOf({ place, direction, relationTypes }), near],
        ...[false, true].flatMap((after) =>
          [false, true].flatMap((first): Expectation[] => [
            [
              `neighboursOf ${name} ${after} ${first}`,
              neighboursOf({ place, direction, relationTypes, entityTypes: 'any', after, first }),
              [...near, ...pointsOf('entity', place)],
              first ? sort : {},
            ],
            [
              `neighboursOf ${name} ${after} ${first} of types`,
              neighboursOf({ place, direction, relationTypes, entityTypes: 'many', after, first }),
              [...near, ...(place === 'head' ? ['entity_type_idx'] : pointsOf('entity', place))],
              first ? sort : {},
            ],
          ]),
        ),
      ]
    }),
  ),
)

/** All that a filter on metadata may be, in one shape. */
const manyTests: MetadataShape = {
  tests: [
    { name: 'eq', steps: 'many' },
    { name: 'ne', steps: 'one' },
  ],
  more: true,
}

const reaches: Expectation[] = places.flatMap((place) =>
  (['out', 'in', 'both'] as const).flatMap((direction) =>
    (['any', 'one', 'many'] as const).flatMap((relationTypes) =>
      [false, true].flatMap((timed): Expectation[] => {
        const near = [
          ...(direction === 'in' ? [] : setOf('relation', place, 'from')),
          ...(direction === 'out' ? [] : setOf('relation', place, 'to')),
        ]
        const shape = { place, direction, relationTypes, timed }
        const name = `${place} ${direction} ${relationTypes}${timed ? ' in time' : ''}`
        const once = { sort: 'each entity comes once' }
        return [
          [`reachedFrom ${name}`, reachedFrom(shape), near, once],
          [`firstReachedFrom ${name}`, firstReachedFrom(shape), near, once],
          [`relationsFrom ${name}`, relationsFrom(shape), near],
          [`relationsBetween ${name}`, relationsBetween(shape), near, { sort: 'of a pair the least' }],
          [
            `reachedFrom ${name}, valid`,
            reachedFrom({ ...shape, place: `${place} valid` }),
            [...near, ...pointsOf('entity', place)],
            once,
          ],
        ]
      }),
    ),
  ),
)

const stepKinds: [name: string, kinds: StepKind[], ends: ('from' | 'to')[], filters: boolean][] = [
  ['out of one type', [{ hop: 'out', relationTypes: 'one', often: false }], ['from'], false],
  ['in of any type, often', [{ hop: 'in', relationTypes: 'any', often: true }], ['to'], false],
  ['both of many types', [{ hop: 'both', relationTypes: 'many', often: false }], ['from', 'to'], false],
  [
    'out, where, in',
    [
      { hop: 'out', relationTypes: 'any', often: false },
      { where: { conditions: ['tag', 'ids', 'types', 'createdAfter'], metadata: manyTests }, often: false },
      { hop: 'in', relationTypes: 'one', often: false },
    ],
    ['from', 'to'],
    true,
  ],
]

const traversals: Expectation[] = places.flatMap((place) =>
  stepKinds.flatMap(([named, kinds, ends, filters]) =>
    [false, true].flatMap((timed): Expectation[] => {
      const hops = ends.flatMap((end) => setOf('relation', place, end))
      const used = filters ? [...hops, ...pointsOf('entity', place)] : hops
      const name = `${named} ${place}${timed ? ' in time' : ''}`
      const shape = { place, timed, several: timed, kinds }
      const byId = { sort: 'the distinct entities of the last step, by id' }
      return [
        [`entities of ${name}`, traversedEntities(shape), [...used, ...pointsOf('entity', place)], byId],
        [`ids of ${name}`, traversedIds(shape), used, byId],
        [`count of ${name}`, traversedCount(shape), used],
        [`paths of ${name}`, traversedPaths(shape), used],
        [
          `count of ${name}, valid`,
          traversedCount({ ...shape, place: `${place} valid` }),
          [...used, ...pointsOf('entity', place)],
        ],
        [
          `paths of ${name}, valid`,
          traversedPaths({ ...shape, place: `${place} valid` }),
          [...used, ...pointsOf('entity', place)],
        ],
      ]
    }),
  ),
)

const bySort = { sort: 'a page is cut from what the filter keeps' }
const everything = { ...bySort, scan: 'what is asked for is everything, in the order of its id' }

const lists: Expectation[] = places.flatMap((place) =>
  [false, true].flatMap((after) => {
    const list = (
      element: 'entity' | 'relation',
      conditions: Condition[],
      indexes: string[],
      allowed: Allowed = bySort,
    ): Expectation[] => {
      const shape: ListShape = { element, place, conditions, sort: 'id', descending: false, after }
      const name = `${element} ${place} by ${conditions.join() || 'nothing'}${after ? ' after a key' : ''}`
      const page = place === 'head' ? stateList(shape) : keyList(shape)
      return [
        [`list of ${name}`, page, indexes, allowed],
        [`count of ${name}`, countList(shape), indexes, allowed],
      ]
    }
    return [
      ...list('entity', ['type'], setOf('entity', place, 'type')),
      ...list('entity', ['type', 'createdAfter'], setOf('entity', place, 'type')),
      ...list('entity', ['ids'], pointsOf('entity', place)),
      ...list('entity', ['ids', 'type'], place === 'head' ? ['entity_type_idx'] : pointsOf('entity', place)),
      ...list('relation', ['type'], setOf('relation', place, 'type')),
      ...list('relation', ['ids'], pointsOf('relation', place)),
      ...list('relation', ['from'], setOf('relation', place, 'from')),
      ...list('relation', ['to'], setOf('relation', place, 'to')),
      ...list('relation', ['from', 'type'], setOf('relation', place, 'from')),
      ...list('relation', ['from', 'to'], setOf('relation', place, 'from')),
      ...list('relation', ['touching'], [...setOf('relation', place, 'from'), ...setOf('relation', place, 'to')]),
      ...list(
        'relation',
        ['touching', 'type'],
        [...setOf('relation', place, 'from'), ...setOf('relation', place, 'to')],
      ),
      ...list('entity', ['tag'], place === 'head' ? ['entity_pk', 'PRIMARY KEY'] : tagsAt(place)),
      ...list(
        'entity',
        ['tag', 'type'],
        [...tagsAt(place), ...(place === 'head' ? ['entity_type_idx'] : pointsOf('entity', place))],
      ),
    ]
  }),
)

const wholeLists: Expectation[] = places.flatMap((place) =>
  (['entity', 'relation'] as const).map((element): Expectation => {
    const shape: ListShape = { element, place, conditions: [], sort: 'id', descending: false, after: false }
    const past = place === 'head' ? [] : [`${element}_history_type_idx`, sequence]
    const hidden = place === 'lineage' ? [`${element}_history_pk`] : []
    return [
      `list of all ${element} ${place}`,
      place === 'head' ? stateList(shape) : keyList(shape),
      [...past, ...hidden],
      everything,
    ]
  }),
)

/** Metadata has no index: what else the filter names is the way in, and without that all elements are read. */
const metadataLists: Expectation[] = places.flatMap((place) =>
  [...metadataTests.map((name) => ({ tests: [{ name, steps: 'one' as const }], more: false })), manyTests].flatMap(
    (metadata): Expectation[] => {
      const list = (
        element: 'entity' | 'relation',
        conditions: Condition[],
        indexes: string[],
        allowed: Allowed = bySort,
      ): Expectation[] => {
        const shape: ListShape = { element, place, conditions, metadata, sort: 'id', descending: false, after: true }
        const name = `${element} ${place} by ${[...conditions, ...metadata.tests.map((test) => test.name)].join()}`
        const page = place === 'head' ? stateList(shape) : keyList(shape)
        return [
          [`list of ${name}`, page, indexes, allowed],
          [`count of ${name}`, countList(shape), indexes, allowed],
        ]
      }
      const whole = {
        ...bySort,
        scan: 'metadata alone is compared element by element',
      }
      const past = place === 'head' ? [] : [sequence]
      return [
        ...list('entity', ['type'], setOf('entity', place, 'type')),
        ...list('relation', ['from'], setOf('relation', place, 'from')),
        ...list('entity', ['ids'], pointsOf('entity', place)),
        ...list('entity', [], place === 'head' ? [] : ['entity_history_type_idx', ...past], whole),
        ...list('relation', [], place === 'head' ? [] : ['relation_history_type_idx', ...past], whole),
      ]
    },
  ),
)

/** What is valid at a moment: the same ways in, and of a relation a probe for each of its ends. */
const validReads: Expectation[] = places.flatMap((place): Expectation[] => {
  const valid = `${place} valid` as const
  const ends = pointsOf('entity', place)
  const list = (element: 'entity' | 'relation', conditions: Condition[], indexes: string[]): Expectation[] => {
    const shape: ListShape = { element, place: valid, conditions, sort: 'id', descending: false, after: true }
    const name = `${element} ${valid} by ${conditions.join()}`
    return [
      [`list of ${name}`, place === 'head' ? stateList(shape) : keyList(shape), indexes, bySort],
      [`count of ${name}`, countList(shape), indexes, bySort],
    ]
  }
  const shape = { place: valid, direction: 'both', relationTypes: 'one' } as const
  const near = [...setOf('relation', place, 'from'), ...setOf('relation', place, 'to'), ...ends]
  const sort = { sort: 'by relation id, over the relations of one entity' }
  return [
    [`entityPoint ${valid}`, entityPoint[valid], ends],
    [`relationPoint ${valid}`, relationPoint[valid], [...pointsOf('relation', place), ...ends]],
    [`entitiesByIds ${valid}`, entitiesByIds({ place: valid }), ends],
    [`relationsByIds ${valid}`, relationsByIds({ place: valid }), [...pointsOf('relation', place), ...ends]],
    [`degreeOf ${valid}`, degreeOf(shape), near],
    [`neighboursOf ${valid}`, neighboursOf({ ...shape, entityTypes: 'any', after: true, first: true }), near, sort],
    [
      `neighboursOf ${valid} of types`,
      neighboursOf({ ...shape, entityTypes: 'many', after: true, first: true }),
      [...near, ...(place === 'head' ? ['entity_type_idx'] : [])],
      sort,
    ],
    ...list('entity', ['type'], setOf('entity', place, 'type')),
    ...list('entity', ['tag'], [...tagsAt(place), ...ends]),
    ...list('relation', ['type'], [...setOf('relation', place, 'type'), ...ends]),
    ...list('relation', ['from'], [...setOf('relation', place, 'from'), ...ends]),
    ...list('relation', ['touching'], near),
  ]
})

const ofOne = { sort: 'the rows of one version by position' }

const histories: Expectation[] = [
  ...(['entity', 'relation'] as const).flatMap((element): Expectation[] => [
    [
      `timelineOfId ${element} trunk`,
      timelineOfId({ element, trunk: true }),
      [`${element}_history_pk`, `${element}_pk`, ...ofVersions],
      { sort: 'the states of one id and its head row' },
    ],
    [`timelineOfId ${element}`, timelineOfId({ element, trunk: false }), [`${element}_history_pk`, ...ofVersions]],
    [`standingOnLane ${element}`, standingOnLane({ element }), [`${element}_history_pk`]],
  ]),
  ['tagsSince trunk', tagsSince({ trunk: true }), ['PRIMARY KEY']],
  ['tagsSince', tagsSince({ trunk: false }), ['entity_tag_history_standing_idx']],
  ['versionById', versions.versionById, ['state_version_pk', 'PRIMARY KEY']],
  ['versionsByIds', versions.versionsByIds, ['state_version_pk', 'PRIMARY KEY']],
  ['versionBySequence', versions.versionBySequence, ['state_version_unique', 'PRIMARY KEY']],
  ['versionsBySequences', versions.versionsBySequences, ofVersions],
  [
    'versionHistory',
    versions.versionHistory,
    ['state_version_pk', 'PRIMARY KEY'],
    { sort: 'by depth, over the chain' },
  ],
  ['versionsBefore', versions.versionsBefore, ['state_version_unique', 'PRIMARY KEY']],
  ['descentBefore', versions.descentBefore, ['state_version_unique', 'PRIMARY KEY']],
  ['versionsInOrder', versions.versionsInOrder, ['state_version_unique', 'PRIMARY KEY']],
  ['versionsByPrefix', versions.versionsByPrefix, ['state_version_pk']],
  ['lastOrdinary', versions.lastOrdinary, ['state_version_lane_idx']],
  ['ordinaryAt', versions.ordinaryAt, ['state_version_moment_idx']],
  ['lateAt', versions.lateAt, ['state_version_moment_idx']],
  ['deltaOfVersion', delta.deltaOfVersion, ['state_version_idx']],
  ['deltasOfLane', delta.deltasOfLane, ['state_version_idx', 'state_version_lane_idx'], ofOne],
  ['deltasInOrder', delta.deltasInOrder, ['state_version_idx', 'state_version_unique'], ofOne],
  ['operationsAt', delta.operationsAt, ['state_version_idx']],
  ['snapshotBefore', snapshots.snapshotBefore, ['snapshot_pk', 'state_version_lane_idx']],
  ['snapshotRow', snapshots.snapshotRow, ['snapshot_pk']],
  ['snapshotSize', snapshots.snapshotSize, ['snapshot_pk']],
  ['deltaBytesOfLane', snapshots.deltaBytesOfLane, ['state_version_idx', 'state_version_lane_idx']],
  [
    'deltaBytes',
    snapshots.deltaBytes,
    ['state_version_idx', 'state_version_lane_idx', 'state_version_unique'],
    { sort: 'by lane, over the versions since the last look' },
  ],
  ['branchByName', branchByName, ['branch_pk', 'state_version_pk']],
  ['branchStandpoint', branchStandpoint, ['branch_pk', 'state_version_pk']],
  ['laneChain', laneChain, ['PRIMARY KEY'], { sort: 'by depth, over the lineage' }],
  ['laneById', laneById, ['PRIMARY KEY']],
  ['nextLane', nextLane, ['PRIMARY KEY']],
  ['laneEnds', laneEnds, ['PRIMARY KEY', 'state_version_lane_idx', 'state_version_moment_idx']],
  ['moveBranch', moveBranch, ['branch_pk']],
]

const eventShape = { type: false, source: false, from: false, to: false, before: false }
const events: Expectation[] = [
  ['events of a type', eventList({ ...eventShape, type: true }), ['event_type_idx']],
  ['events of a type after a page', eventList({ ...eventShape, type: true, before: true }), ['event_type_idx']],
  ['events of a type in time', eventList({ ...eventShape, type: true, from: true, to: true }), ['event_type_idx']],
  ['events of a source', eventList({ ...eventShape, source: true }), ['source_idx']],
  ['events of a source after a page', eventList({ ...eventShape, source: true, before: true }), ['source_idx']],
  ['recent events after a page', eventList({ ...eventShape, before: true }), ['event_log_unique']],
  ['recent events', eventList(eventShape), [], { scan: 'newest first, up to a page' }],
  ['lastEventSeq', lastEventSeq, ['event_log_unique']],
  ['lastEvent', lastEvent, ['event_log_unique'], { scan: 'newest first, up to one with a hash' }],
]

const writes: Expectation[] = [
  ['updateEntity', projection.updateEntity, ['entity_pk']],
  ['deleteEntity', projection.deleteEntity, ['entity_pk']],
  ['updateRelation', projection.updateRelation, ['relation_pk']],
  ['deleteRelation', projection.deleteRelation, ['relation_pk']],
  ['deleteTag', projection.deleteTag, ['PRIMARY KEY']],
  ['closeEntityHistory', projection.closeEntityHistory, ['entity_history_pk']],
  ['closeRelationHistory', projection.closeRelationHistory, ['relation_history_pk']],
  ['closeTagHistory', projection.closeTagHistory, ['PRIMARY KEY']],
  ['insertVersion', versions.insertVersion, ['parent_version_idx']],
  ['insertDelta', delta.insertDelta, []],
  ['insertEvent', insertEvent, []],
  ['insertEntity', projection.insertEntity, []],
  ['insertEntityHistory', projection.insertEntityHistory, []],
]

const all = [
  ...pointReads,
  ...neighbours,
  ...reaches,
  ...traversals,
  ...lists,
  ...wholeLists,
  ...metadataLists,
  ...histories,
  ...events,
  ...writes,
]
const groups = {
  pointReads,
  neighbours,
  reaches,
  traversals,
  lists,
  wholeLists,
  metadataLists,
  validReads,
  histories,
  events,
  writes,
}

describe('plans on sqlite', () => {
  const folder = temporaryFolder()
  const path = folder.file('universe.db')
  let driver: Driver.Database
  beforeAll(async () => {
    await fill(path)
    driver = openDriver(path)
  })
  afterAll(() => {
    driver.close()
    folder[Symbol.dispose]()
  })

  it.each(Object.entries(groups))(
    'of %s use the index that was made for them, and read nothing whole',
    (_name, group) => {
      expect(faultsOf(driver, group)).toEqual([])
    },
  )

  it('stay the same after ANALYZE, and when the universe is opened again', async () => {
    driver.exec('analyze')
    driver.close()
    driver = openDriver(path)
    expect(faultsOf(driver, all)).toEqual([])
    await (await openUniverse(path)).close()
    driver.close()
    driver = openDriver(path)
    expect(driver.prepare("select count(*) from sqlite_master where name = 'sqlite_stat4'").pluck().get()).toBe(0)
    expect(driver.prepare('select count(*) from sqlite_stat1').pluck().get()).toBeGreaterThan(0)
    expect(faultsOf(driver, all)).toEqual([])
  })

  it('of typed hops read no relation of another type at the head', () => {
    const hop = { place: 'head', direction: 'both', relationTypes: 'one', timed: true } as const
    const kinds: StepKind[] = [{ hop: 'both', relationTypes: 'one', often: true }]
    const traversal = { place: 'head', timed: true, several: true, kinds } as const
    for (const statement of [
      reachedFrom(hop),
      firstReachedFrom(hop),
      traversedCount(traversal),
      traversedPaths(traversal),
    ]) {
      const { searches } = planOf(driver, statement)
      const ofRelations = searches.filter((search) => search.includes('_entity_idx'))
      expect(new Set(ofRelations)).toEqual(
        new Set([
          'from_entity_idx (from_entity=? AND relation_type=?)',
          'to_entity_idx (to_entity=? AND relation_type=?)',
        ]),
      )
    }
  })

  it('of branches and lanes read those small tables only', () => {
    expect(planOf(driver, allBranches).scans).toEqual(['branch by branch_pk'])
  })
})

/** What differs from what was expected, a line each. */
function faultsOf(driver: Driver.Database, expectations: Expectation[]): string[] {
  return expectations.flatMap(([name, statement, indexes, allowed = {}]) => {
    const plan: Plan = planOf(driver, statement)
    const expected = [...new Set(indexes)].sort().join(', ')
    const used = plan.indexes.join(', ')
    return [
      ...(used === expected || (allowed.scan !== undefined && indexes.every((one) => plan.indexes.includes(one)))
        ? []
        : [`${name}: uses ${used || 'no index'}, not ${expected}`]),
      ...(plan.scans.length > 0 && allowed.scan === undefined ? [`${name}: reads ${plan.scans.join(', ')} whole`] : []),
      ...(plan.sorts > 0 && allowed.sort === undefined ? [`${name}: sorts`] : []),
      ...(plan.seenLimit ? [`${name}: is planned anew at each call, for its LIMIT is a bare parameter`] : []),
    ]
  })
}

/** The point reads of a state. */
function pointsOf(element: 'entity' | 'relation', place: (typeof places)[number]): string[] {
  if (place === 'head') return [`${element}_pk`]
  return [`${element}_history_pk`, `${element}_pk`, 'PRIMARY KEY']
}

/** The way to a set of states by a key. */
function setOf(element: 'entity' | 'relation', place: (typeof places)[number], key: 'type' | 'from' | 'to'): string[] {
  const head = key === 'type' ? `${element}_type_idx` : `${key}_entity_idx`
  if (place === 'head') return [head]
  const trunk = [head, `${element}_history_${key}_idx`, sequence]
  return place === 'trunk' ? trunk : [...trunk, `${element}_history_pk`]
}

/** The way to the entities of a tag. */
function tagsAt(place: (typeof places)[number]): string[] {
  if (place === 'head') return ['PRIMARY KEY']
  const trunk = ['PRIMARY KEY', sequence]
  return place === 'trunk' ? trunk : [...trunk, 'entity_history_pk']
}

/** Skewed data: a hub, a type that nearly all have, one that few have, a lane beside main. */
async function fill(path: string): Promise<void> {
  await using universe = await openUniverse(path, { durability: 'normal' })
  await universe.commit('Many', (draft) => {
    draft.createEntity('Hub', {}, { id: 'hub' })
    for (let n = 0; n < 1_500; n++) {
      draft.createEntity(n % 50 ? 'Common' : 'Rare', n % 3 ? { tags: ['x'] } : {}, { id: `e${n}` })
      draft.createRelation(n % 20 ? 'COMMON' : 'RARE', n % 4 ? 'hub' : `e${n}`, `e${n}`, {}, { id: `r${n}` })
    }
  })
  for (let version = 0; version < 60; version++) {
    await universe.commit(`${version}`, (draft) => {
      for (let n = version; n < 1_500; n += 40) draft.updateEntity(`e${n}`, { version, tags: version % 2 ? ['x'] : [] })
      for (let n = version * 3; n < version * 3 + 3; n++) draft.deleteRelation(`r${n}`)
    })
  }
  const head = (await universe.versions.latest())?.versionId as string
  await fork(universe, 'x', head)
  for (let version = 0; version < 20; version++) {
    await universe.commit('On x', (draft) => draft.updateEntity(`e${version}`, { x: version }), { branch: 'x' })
  }
}
