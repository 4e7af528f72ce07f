import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { insertConfig } from '../../queries/config.js'
import { statement } from '../../queries/statement.js'
import { each } from '../../src/database/work.js'
import { databaseOf, fork } from '../given/fork.js'
import { makeForks } from '../given/forks.js'
import { refusalOf } from '../given/refused.js'
import { dialects, openUniverseOn } from '../model/open.js'

describe.each(dialects)('verify on %s', (dialect) => {
  it('finds nothing in what was written by the library, on however many lanes', async () => {
    await using empty = await openUniverseOn(dialect)
    expect(await empty.verify()).toEqual({ ok: true, versions: 0, findings: [], count: 0 })
    await using forks = await makeForks(dialect, 5, 80)
    expect(await forks.universe.verify()).toEqual({ ok: true, versions: 80, findings: [], count: 0 })
    await forks.universe.events.publish('SEEN', { by: 'me' })
    await using silent = await openUniverseOn(dialect, { auditLog: false })
    await silent.commit('x', (draft) => draft.createEntity('T'))
    for (const universe of [forks.universe, silent]) expect(await universe.verify()).toMatchObject({ ok: true })
  })

  it('goes on while others commit, and tells how far it is', async () => {
    await using universe = await openUniverseOn(dialect)
    const records = Array.from({ length: 400 }, (_, n) => ({
      ...{ version: `v${n}`, parents: n ? [`v${n - 1}`] : [], timestamp: n },
      operations: [{ op: 'createEntity', id: `e${n}`, entityType: 'T', metadata: {} } as const],
    }))
    await universe.import(records)
    const told: number[] = []
    const pending: Promise<unknown>[] = []
    const result = await universe.verify({
      onProgress: ({ versions }) => {
        told.push(versions)
        pending.push(universe.commit('Meanwhile', (draft) => draft.updateEntity('e0', { at: told.length })))
      },
    })
    await Promise.all(pending)

    expect(result).toMatchObject({ ok: true, findings: [] })
    expect(told.length).toBeGreaterThan(1)
    expect(await universe.verify()).toMatchObject({ ok: true, versions: 400 + pending.length })
  })

  it('proves a receipt: that very version is still there', async () => {
    await using universe = await openUniverseOn(dialect)
    const receipt = await universe.commit('x', (draft) => draft.createEntity('T'))
    await universe.commit('y', [])
    expect(await universe.verify({ receipt })).toMatchObject({ ok: true })
    await using other = await openUniverseOn(dialect)
    await other.commit('x', (draft) => draft.createEntity('T'))

    expect(await other.verify({ receipt })).toMatchObject({ ok: false, findings: [{ versionId: receipt.versionId }] })
    for (const quick of [false, true]) {
      expect(await universe.verify({ receipt, quick })).toMatchObject({ ok: true, findings: [] })
      for (const change of [
        ...[{ versionHash: 'f'.repeat(64) }, { dataHash: 'f'.repeat(64) }, { versionId: 'lost' }, { sequence: 2 }],
        ...[{ parents: ['lost'] }, { description: 'z' }, { owner: 'eve' }, { timestamp: 0 }],
      ]) {
        const found = await universe.verify({ receipt: { ...receipt, ...change }, quick })
        const [name] = Object.keys(change) as [string]
        expect(found, name).toMatchObject({ ok: false, count: 1 })
        if (name !== 'versionId') expect(found.findings[0]?.problem).toContain(`${name} is `)
      }
    }
    // What a receipt does not say is not compared: id and hash are enough.
    const { versionId, versionHash } = receipt
    expect(await universe.verify({ receipt: { versionId, versionHash } as never })).toMatchObject({ ok: true })
  })

  it('refuses what is no option', async () => {
    await using universe = await openUniverseOn(dialect)
    const receipt = await universe.commit('x', [])
    const circle: unknown[] = []
    circle.push(circle)
    for (const options of [
      ...[{ quick: 1 }, { onProgress: 5 }, { recipt: receipt }, { receipt: null }, { receipt: { versionId: 'x' } }],
      ...[1n, {}, [1], circle, () => 1].map((owner) => ({ receipt: { ...receipt, owner } })),
    ]) {
      expect(await refusalOf(() => universe.verify(options as never))).toMatchObject({ code: 'VALIDATION' })
    }
  })

  it('quickly follows the hashes of versions and compares the head, and reads no delta', async () => {
    await using forks = await makeForks(dialect, 5, 80)
    const { universe } = forks
    const told: number[] = []
    const verification = await universe.verify({ quick: true, onProgress: ({ versions }) => told.push(versions) })
    expect(verification).toEqual({ ok: true, versions: 80, findings: [], count: 0 })
    expect(told.at(-1)).toBe(80)

    const change = async (damage: string) =>
      databaseOf(universe).write(() =>
        each(
          statement(() => sql.raw(damage)),
          [{}],
        ),
      )
    await change("update delta_record set operations = '[]' where delta_id = '9:0'")
    expect(await universe.verify({ quick: true })).toMatchObject({ ok: true })
    expect(await universe.verify()).toMatchObject({ ok: false })
    await change("update entity set metadata = '{}' where metadata <> '{}'")
    await change("update state_version set description = 'other' where sequence = 40")
    const { findings } = await universe.verify({ quick: true })
    expect(findings.map(({ place }) => place)).toEqual(['version v40', 'the head of main'])
  })

  it('holds one state, and takes back what a lane changed of it before it goes on', async () => {
    await using universe = await openUniverseOn(dialect)
    const name = (n: number) => ({ versionId: `v${n}` })
    await universe.commit(
      '',
      (draft) => {
        draft.createEntity('T', { tags: ['x'] }, { id: 'a' })
        draft.createEntity('T', {}, { id: 'b' })
        draft.createRelation('R', 'a', 'b', {}, { id: 'r' })
      },
      name(1),
    )
    for (const branch of ['one', 'other', 'third']) {
      await fork(universe, branch, 'v1')
      // Each changes and deletes the same, and gives the relation other ends.
      await universe.commit(
        '',
        (draft) => {
          draft.deleteEntity('b', { cascade: true })
          draft.updateEntity('a', { branch, tags: ['y'] })
          draft.createEntity('U', {}, { id: 'b' })
          draft.createRelation('R', 'b', 'b', {}, { id: 'r' })
        },
        { branch },
      )
      await universe.commit('', (draft) => draft.deleteEntity('b', { cascade: true }), { branch })
    }
    await universe.commit('', (draft) => draft.deleteEntity('b', { cascade: true }))

    expect(await universe.verify()).toEqual({ ok: true, versions: 8, findings: [], count: 0 })
  })

  it('begins anew where lanes are laid anew meanwhile', async () => {
    await using forks = await makeForks(dialect, 5, 60)
    const { universe } = forks
    const generation = (value: string) => ({
      key: 'lane_generation',
      value,
      description: '',
      updatedAt: 0,
      updatedBy: 'x',
    })
    const told: number[] = []
    const verification = await universe.verify({
      onProgress: ({ versions }) => {
        if (told.push(versions) > 1) return
        databaseOf(universe).write(() => each(insertConfig, [generation('2')]))
      },
    })

    expect(verification).toEqual({ ok: true, versions: 60, findings: [], count: 0 })
    expect(told.some((versions, index) => versions <= (told[index - 1] ?? 0))).toBe(true)
  })

  it('stops when it is told to', async () => {
    await using universe = await openUniverseOn(dialect)
    await universe.commit('x', [])
    expect(await refusalOf(() => universe.verify({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORT' })
    expect(await refusalOf(() => universe.verify({ deadline: 0 }))).toMatchObject({ code: 'LIMIT_EXCEEDED' })
  })
})
