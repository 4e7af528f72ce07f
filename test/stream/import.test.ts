import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { CreateEntity, ImportProgress, Operation, VersionRecord } from '../../src/index.js'
import { collect } from '../given/collect.js'
import { company } from '../given/company.js'
import { temporaryFolder } from '../given/folder.js'
import { expectRefused, refusalOf } from '../given/refused.js'
import { refusedValues } from '../given/values.js'
import { dialects, openTypedUniverseOn, openUniverseOn } from '../model/open.js'

const create = (id: string): Operation => ({ op: 'createEntity', id, entityType: 'T', metadata: { n: 1 } })
const line = (version: string, parent?: string, operations: Operation[] = [create(version)]): VersionRecord => ({
  version,
  parents: parent === undefined ? [] : [parent],
  timestamp: 5,
  operations,
})
const chain = (length: number) => Array.from({ length }, (_, n) => line(`v${n}`, n === 0 ? undefined : `v${n - 1}`))
const text = (records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

describe.each(dialects)('an import on %s', (dialect) => {
  it('brings an export into another universe, hash by hash', async () => {
    await using from = await openUniverseOn(dialect, { owner: 'ada' })
    for (let n = 0; n < 30; n++) {
      await from.commit(
        `${n}`,
        (draft) => {
          draft.createEntity('T', { n, nothing: null }, { id: `e${n}`, validFrom: n })
          if (n % 3 === 2) draft.deleteEntity(`e${n - 1}`)
          if (n > 0) draft.updateEntity('e0', { n })
        },
        { metadata: { n } },
      )
    }
    await using to = await openUniverseOn(dialect, { owner: 'bob' })
    expect(await to.import(from.export())).toEqual({ imported: 30, skipped: 0 })

    expect(await collect(to.export())).toEqual(await collect(from.export()))
    expect(await to.versions.history('main')).toEqual(await from.versions.history('main'))
    expect(await to.history('e0')).toEqual(await from.history('e0'))
    const withoutCreation = async (universe: typeof to) =>
      (await universe.events.list({ limit: 1_000 })).items.filter(({ versionId }) => versionId !== null)
    expect(await withoutCreation(to)).toEqual(await withoutCreation(from))
    expect(await to.import(from.export())).toEqual({ imported: 0, skipped: 30 })
  })

  it('takes a large version from a file as from a list, and refuses it for the same', async () => {
    using folder = temporaryFolder()
    const path = folder.file('large')
    const note = 'n'.repeat(100_000)
    const operations = Array.from({ length: 50 }, (_, n) => ({ ...create(`e${n}`), metadata: { note } }) as Operation)
    const { metadata: _, ...bare } = operations[7] as CreateEntity
    operations[7] = bare as CreateEntity
    await using listed = await openUniverseOn(dialect)
    await using read = await openUniverseOn(dialect)
    const update: Operation = { op: 'updateEntity', id: 'e3', changes: [{ op: 'set', path: '/note', value: '' }] }
    for (const [version, last, expected] of [
      ['bad', { ...create('x'), id: '' }, { code: 'VALIDATION', line: 1, operation: 50 }],
      ['twice', create('e3'), { code: 'ALREADY_EXISTS', operation: 50 }],
      ['good', update, undefined],
    ] as const) {
      const records = [line(version, undefined, [...operations, last])]
      writeFileSync(path, text(records))
      if (expected) {
        const { message } = await expectRefused(listed, () => listed.import(records), expected)
        expect(await expectRefused(read, () => read.import(path), expected)).toMatchObject({ message })
        continue
      }
      await listed.import(records)
      await read.import(path)
      expect(await collect(read.export())).toEqual(await collect(listed.export()))
      expect(await read.import(path)).toEqual({ imported: 0, skipped: 1 })
      expect(await read.verify()).toMatchObject({ ok: true })
    }
  })

  it('takes a path, plain or gzip, a stream of bytes, and records of every kind', async () => {
    using folder = temporaryFolder()
    const records = chain(5)
    const [plain, zipped] = [folder.file('plain.ndjson'), folder.file('zipped')]
    writeFileSync(plain, text(records))
    writeFileSync(zipped, gzipSync(text(records)))
    const bytes = () => Readable.from([Buffer.from(text(records))], { objectMode: false })
    const sources = [
      () => plain,
      () => zipped,
      bytes,
      () => records,
      () => new Set(records),
      () => Readable.from(records),
    ]
    for (const source of [
      ...sources,
      () =>
        (async function* () {
          yield* records
        })(),
    ]) {
      await using universe = await openUniverseOn(dialect)
      expect(await universe.import(source())).toEqual({ imported: 5, skipped: 0 })
      expect((await universe.versions.latest())?.versionId).toBe('v4')
    }
  })

  it('takes a file that begins with a byte order mark as one without, and refuses one further on', async () => {
    using folder = temporaryFolder()
    const path = folder.file('marked')
    const note = 'n'.repeat(100_000)
    const large = Array.from({ length: 50 }, (_, n) => ({ ...create(`e${n}`), metadata: { note } }) as Operation)
    const plain = text([line('v0', undefined, large), line('v1', 'v0')])
    const lineFeed = plain.indexOf('\n') + 1
    for (const content of [`\ufeff${plain}`, gzipSync(`\ufeff${plain}`)]) {
      writeFileSync(path, content)
      await using universe = await openUniverseOn(dialect)
      expect(await universe.import(path)).toEqual({ imported: 2, skipped: 0 })
      expect((await universe.versions.latest())?.versionId).toBe('v1')
    }
    // In the slices of a large line a mark may stand where one begins.
    const marked = large.map((operation) => JSON.stringify(operation)).join(',\ufeff')
    const within = text([line('v1', 'v0', [])]).replace('[]}', `[${marked}]}`)
    const first = plain.slice(0, lineFeed)
    for (const second of [`\ufeff${plain.slice(lineFeed)}`, within]) {
      writeFileSync(path, `${first}${second}`)
      await using universe = await openUniverseOn(dialect)
      expect(await refusalOf(() => universe.import(path))).toMatchObject({ code: 'VALIDATION', line: 2 })
      expect((await universe.versions.latest())?.versionId).toBe('v0')
    }
  })

  it('refuses a line that says twice what its place in the tree depends on', async () => {
    using folder = temporaryFolder()
    const path = folder.file('twice.ndjson')
    const said = { version: 'v1', parents: ['v0'], timestamp: 5, operations: [create('x')] }
    const again = [{ version: 'v2' }, { parents: [] }, { branch: 'main' }, { branch: ['side'] }]
    for (const [index, differing] of again.entries()) {
      for (const operations of [[create('y')], []]) {
        const opened = JSON.stringify({ ...said, ...(index === 3 && { branch: 'main' }), operations: said.operations })
        const closed = JSON.stringify({ ...differing, operations })
        writeFileSync(
          path,
          `${text([line('v0')])}${opened.slice(0, -1)},${closed.slice(1)}\n${text([line('v9', 'v0')])}`,
        )
        await using universe = await openUniverseOn(dialect)
        const refused = { code: 'VALIDATION', line: 2, issues: [{ reason: 'has a key twice' }] }
        expect(await refusalOf(() => universe.import(path)), closed).toMatchObject(refused)
        expect(await collect(universe.export())).toMatchObject([{ version: 'v0', branch: 'main' }])
        expect(await universe.verify()).toMatchObject({ ok: true })
      }
    }
  })

  it('fills in what a record leaves out, and keeps clocks that run back', async () => {
    await using universe = await openUniverseOn(dialect, { owner: 'ada' })
    const bare = { op: 'createEntity', id: 'a', entityType: 'T' } as Operation
    await universe.import([line('v0', undefined, [bare]), { ...line('v1', 'v0'), timestamp: -7 }])

    expect(await universe.versions.latest()).toMatchObject({ owner: 'local', description: '', timestamp: -7 })
    expect(await universe.head.entity('a')).toMatchObject({ metadata: {} })
    expect(await universe.head.entity('v1')).toMatchObject({ createdAt: -7 })
  })

  it('goes on where it was interrupted, and ends as if it had not been', async () => {
    await using whole = await openUniverseOn(dialect)
    await using parts = await openUniverseOn(dialect)
    const records = chain(2_500)
    await whole.import(records)
    const controller = new AbortController()
    const stop = (progress: ImportProgress) => progress.imported >= 1_000 && controller.abort()
    const { signal } = controller
    expect(await refusalOf(() => parts.import(records, { signal, onProgress: stop }))).toMatchObject({ code: 'ABORT' })
    const { versions } = await parts.stats()
    expect(versions).toBeGreaterThanOrEqual(1_000)
    expect(versions).toBeLessThan(2_500)
    expect(await parts.import(records)).toEqual({ imported: 2_500 - versions, skipped: versions })

    expect(await parts.versions.latest()).toEqual(await whole.versions.latest())
    expect(await parts.head.count()).toEqual({ entities: 2_500, relations: 0 })
  })

  it('tells how far it has come', async () => {
    using folder = temporaryFolder()
    const path = folder.file('x.ndjson')
    const file = text(chain(1_500))
    writeFileSync(path, file)
    await using universe = await openUniverseOn(dialect)
    const told: ImportProgress[] = []
    await universe.import(path, { onProgress: (progress) => told.push(progress) })

    const end = { imported: 1_500, skipped: 0, operations: 1_500, bytesRead: file.length, bytesTotal: file.length }
    expect(told.at(-1)).toEqual(end)
    expect(told.length).toBeGreaterThan(1)
  })

  it('stops at a bad line with its number, what came before it kept', async () => {
    const [v0, v1] = chain(2) as [VersionRecord, VersionRecord]
    const third = (change: object) => ({ ...line('v2', 'v1'), ...change })
    const bad: [unknown, object][] = [
      [null, {}],
      ['text', {}],
      [third({ color: 1 }), {}],
      [third({ parents: ['v1', 'v1'] }), {}],
      [third({ parents: ['nowhere'] }), {}],
      [third({ parents: ['v2'] }), {}],
      [third({ version: 'v0' }), {}],
      [third({ version: 'main' }), {}],
      [third({ version: '' }), {}],
      [third({ timestamp: 1.5 }), {}],
      [third({ operations: [{ op: 'x' }] }), { operation: 0 }],
      [third({ operations: [create('b'), { ...create('c'), metadata: [] }] }), { operation: 1 }],
      [third({ operations: new Array(1) }), {}],
      [third({ metadata: 5 }), {}],
    ]
    for (const [record, facts] of bad) {
      await using universe = await openUniverseOn(dialect)
      const source = [v0, v1, record, line('v3', 'v2')] as VersionRecord[]
      const error = await refusalOf(() => universe.import(source))
      expect(error, JSON.stringify(record)).toMatchObject({ code: 'VALIDATION', line: 3, ...facts })
      expect((await universe.versions.latest())?.versionId).toBe('v1')
      expect(await universe.head.count()).toEqual({ entities: 2, relations: 0 })
    }
  })

  it.each([
    ['-x', 'must not begin with "-"'],
    ['', 'must not be empty'],
    [5, 'must be the name of a branch, or a list of names'],
    [['a', 'b\u0085'], 'element 1 has a control character'],
    [['a', 5], 'element 1 must be a string, not number'],
  ])('says what is wrong with the branch %j', async (branch, reason) => {
    await using universe = await openUniverseOn(dialect)
    const refused = { code: 'VALIDATION', line: 1, issues: [{ path: '/branch', reason }] }
    await expectRefused(universe, () => universe.import([{ ...line('v0'), branch } as never]), refused)
  })

  it('names line and operation of what cannot be applied, nothing of that version kept', async () => {
    const inapplicable: [Operation[], object][] = [
      [[create('v3'), create('v0')], { code: 'ALREADY_EXISTS', operation: 1, line: 3 }],
      [[{ op: 'deleteRelation', id: 'v0' }], { code: 'NOT_FOUND', operation: 0, line: 3 }],
      [
        [create('b'), { op: 'updateEntity', id: 'v0', changes: [{ op: 'delete', path: '/x' }] }],
        { code: 'VALIDATION', operation: 1, line: 3 },
      ],
    ]
    for (const [operations, facts] of inapplicable) {
      await using universe = await openUniverseOn(dialect)
      const error = await refusalOf(() => universe.import([...chain(2), line('v2', 'v1', operations)]))
      expect(error).toMatchObject(facts)
      expect(error.message).toMatch(/^Line 3: .*Version "v2"/)
      expect((await universe.stats()).versions).toBe(2)
      expect(await universe.import([line('v2', 'v1')])).toEqual({ imported: 1, skipped: 0 })
    }
  })

  it.each(refusedValues)('keeps nothing of a version that holds %s', async (_name, make) => {
    await using universe = await openUniverseOn(dialect)
    await universe.import([line('v0')])
    const metadata = { a: make() } as never
    const refused = { code: 'VALIDATION', line: 1 }

    await expectRefused(universe, () => universe.import([{ ...line('v1', 'v0'), metadata }]), refused)
    const operations = [{ ...create('b'), metadata } as Operation]
    await expectRefused(universe, () => universe.import([line('v1', 'v0', operations)]), refused)
  })

  it('refuses in text what would not keep its digits', async () => {
    using folder = temporaryFolder()
    const path = folder.file('big.ndjson')
    const withNumber = (number: string) => text([line('v0')]).replace('"n":1', `"n":${number}`)
    for (const number of ['9007199254740993', '1e999', '-100000000000000000001']) {
      await using universe = await openUniverseOn(dialect)
      writeFileSync(path, withNumber(number))
      await expectRefused(universe, () => universe.import(path), { code: 'VALIDATION', line: 1 })
    }
    await using universe = await openUniverseOn(dialect)
    writeFileSync(path, withNumber('100000000000000000000'))
    await universe.import(path)
    expect(await universe.head.entity('v0')).toMatchObject({ metadata: { n: 1e20 } })
  })

  it('refuses a version that is there with other content', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.import(chain(3))
    const changes = [
      { timestamp: 6 },
      { description: 'other' },
      { owner: 'eve' },
      { metadata: {} },
      { operations: [] },
      { operations: [create('x')] },
      { parents: ['v0'] },
      { parents: ['v1', 'v0'] },
    ]
    for (const change of changes) {
      const other = { ...line('v2', 'v1'), ...change }
      await expectRefused(universe, () => universe.import([other]), { code: 'VALIDATION', line: 1 })
    }
    expect(await universe.import([line('v2', 'v1')])).toEqual({ imported: 0, skipped: 1 })
  })

  it('refuses what is no source', async () => {
    using folder = temporaryFolder()
    await using universe = await openUniverseOn(dialect)
    for (const source of [undefined, null, 5, {}, () => [], true]) {
      await expectRefused(universe, () => universe.import(source as never), { code: 'VALIDATION' })
    }
    const missing = { code: 'NOT_FOUND' }
    await expectRefused(universe, () => universe.import(folder.file('none')), missing)
    await expectRefused(universe, () => universe.import(''), missing)
    expect(await refusalOf(() => universe.import(folder.path))).toBeDefined()
    const broken = Readable.from([gzipSync(text(chain(9))).subarray(0, 40)], { objectMode: false })
    await expectRefused(universe, () => universe.import(broken), { code: 'INTEGRITY' })
    await expectRefused(universe, () => universe.import([line('v0')], { signal: AbortSignal.abort() }), {
      code: 'ABORT',
    })
    for (const options of [null, 5, 'x']) {
      await expectRefused(universe, () => universe.import([line('v0')], options as never), { code: 'VALIDATION' })
    }
    expect(await universe.import([])).toEqual({ imported: 0, skipped: 0 })
  })
})

describe.each(dialects)('an import that validates on %s', (dialect) => {
  const person = (id: string, metadata: object): Operation => ({
    ...{ op: 'createEntity', id, entityType: 'Person' },
    metadata: metadata as never,
  })

  it('records the stream as it is, whatever the validators would make of it', async () => {
    const records = [line('v0', undefined, [person('ada', { name: ' Ada ', more: 1 })]), line('v1', 'v0', [])]
    await using plain = await openUniverseOn(dialect)
    await plain.import(records)
    for (const validate of [true, false, undefined]) {
      await using universe = await openTypedUniverseOn(dialect, { schema: company })
      expect(await universe.import(records, { validate })).toEqual({ imported: 2, skipped: 0 })
      expect(await collect(universe.export())).toEqual(await collect(plain.export()))
      expect((await universe.versions.latest())?.versionHash).toBe((await plain.versions.latest())?.versionHash)
    }
  })

  it('stops at what the schema refuses, with its line; what came before it is kept', async () => {
    const work = (from: string, to: string, id = 'job'): Operation => ({
      ...{ op: 'createRelation', id, relationType: 'WORKS_AT', from, to },
      metadata: { since: 1 },
    })
    const update = (op: 'updateEntity' | 'updateRelation', id: string, patch: object): Operation => ({
      ...{ op, id },
      changes: [{ op: 'patch', path: '', patch: patch as never }],
    })
    const team: Operation = { op: 'createEntity', id: 'team', entityType: 'Team', metadata: { size: 1 } }
    const start = [person('ada', { name: 'Ada' }), team, work('ada', 'team')]
    const part: Operation = {
      ...{ op: 'createRelation', id: 'part', relationType: 'PART_OF', from: 'team', to: 'acme' },
      metadata: { share: 1 },
    }
    const acme: Operation = { op: 'createEntity', id: 'acme', entityType: 'Company', metadata: { title: 'Acme' } }
    const refused: [operations: Operation[], issue: object][] = [
      [[create('x')], { path: '/entityType' }],
      [[acme, person('x', {})], { path: '/metadata/name' }],
      [[work('team', 'ada', 'x')], { path: '/from' }],
      [[work('ada', 'ada', 'x')], { path: '/to' }],
      [[update('updateEntity', 'ada', { name: null })], { path: '/metadata/name' }],
      [[update('updateRelation', 'job', { since: 'then' })], { path: '/metadata/since' }],
      [[acme, part, update('updateRelation', 'part', { share: null })], { path: '/metadata/share' }],
    ]
    for (const [operations, issue] of refused) {
      await using universe = await openTypedUniverseOn(dialect, { schema: company })
      const records = [line('v0', undefined, start), line('v1', 'v0', operations), line('v2', 'v1', [])]
      const error = await refusalOf(() => universe.import(records, { validate: true }))

      expect(error).toMatchObject({ code: 'VALIDATION', line: 2, operation: operations.length - 1, issues: [issue] })
      expect((await universe.versions.latest())?.versionId).toBe('v0')
      expect(await universe.import(records)).toEqual({ imported: 2, skipped: 1 })
    }
  })

  it('looks up the ends of relations that were there before it', async () => {
    await using universe = await openTypedUniverseOn(dialect, { schema: company })
    await universe.commit(
      'Start',
      (draft) => {
        draft.createEntity('Team', {}, { id: 'team' })
        draft.createEntity('Company', { title: 'Acme' }, { id: 'acme' })
        draft.createRelation('PART_OF', 'team', 'acme', { share: 1 }, { id: 'part' })
      },
      { versionId: 'v0', timestamp: 5 },
    )
    const update = (patch: object): Operation => ({
      ...{ op: 'updateRelation', id: 'part' },
      changes: [{ op: 'patch', path: '', patch: patch as never }],
    })
    const wrong = [line('v1', 'v0', [update({ year: 1, share: null })])]
    await expectRefused(universe, () => universe.import(wrong, { validate: true }), {
      line: 1,
      issues: [{ path: '/metadata/share' }],
    })

    expect(await universe.import([line('v1', 'v0', [update({ share: 2 })])], { validate: true })).toEqual({
      imported: 1,
      skipped: 0,
    })
  })

  it('needs a schema', async () => {
    await using universe = await openUniverseOn(dialect)
    const reason = 'needs a universe that was opened with a schema'
    await expectRefused(universe, () => universe.import(chain(1), { validate: true }), {
      code: 'VALIDATION',
      issues: [{ path: '/validate', reason }],
    })
    await expectRefused(universe, () => universe.import(chain(1), { validate: 1 as never }), { code: 'VALIDATION' })
    expect(await universe.import(chain(1), { validate: false })).toEqual({ imported: 1, skipped: 0 })
  })
})
