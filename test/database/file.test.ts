import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openUniverse, restoreUniverse, type Universe } from '../../src/index.js'
import { temporaryFolder } from '../given/folder.js'
import { asNobody } from '../given/nobody.js'
import { refusalOf } from '../given/refused.js'

/** Every way in which the library takes a path. */
const ways: Record<string, (universe: Universe, path: string, backup: string) => Promise<unknown>> = {
  open: (_, path) => openUniverse(path),
  'open to read': (_, path) => openUniverse(path, { readOnly: true }),
  import: (universe, path) => universe.import(path),
  backup: (universe, path) => universe.backup(path),
  'restore from': (_, path, backup) => restoreUniverse(path, `${backup}.new`),
  'restore to': (_, path, backup) => restoreUniverse(backup, path, { overwrite: true }),
}

describe.each(Object.keys(ways))('a path on sqlite, to %s', (name) => {
  const way = ways[name] as NonNullable<(typeof ways)[string]>

  it('that can be none is refused with an error of the library’s', async () => {
    using folder = temporaryFolder()
    await using universe = await openUniverse(folder.file('universe.db'))
    const backup = folder.file('backup.db')
    await universe.backup(backup)
    writeFileSync(folder.file('plain'), 'x')
    symlinkSync(folder.file('loop'), folder.file('loop'))
    const refused = (path: string) => refusalOf(() => way(universe, path, backup))

    expect(await refused(folder.file('plain/x.db'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refused(folder.file('nowhere/x.db'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refused(folder.file('x'.repeat(300)))).toMatchObject({ code: 'VALIDATION' })
    expect(await refused(folder.file('loop'))).toMatchObject({ code: 'VALIDATION' })
    // The system would write another name than the path says; to read, there is no such file.
    expect((await refused(folder.file('\ud800'))).code).toBe(name === 'import' ? 'NOT_FOUND' : 'VALIDATION')
  })

  it('that may not be read or written is said to be so', async () => {
    using folder = temporaryFolder()
    await using universe = await openUniverse(folder.file('universe.db'))
    const backup = folder.file('backup.db')
    await universe.backup(backup)
    const path = name === 'backup' ? folder.file('new.db') : folder.file('closed.db')
    if (name !== 'backup') await universe.backup(path)
    if (name !== 'backup') chmodSync(path, 0o000)
    chmodSync(folder.path, 0o555)
    const error = await asNobody(() => refusalOf(() => way(universe, path, backup)))
    chmodSync(folder.path, 0o755)
    expect(error).toMatchObject({ code: 'INTEGRITY', hint: expect.stringContaining('right to') })
  })
})

describe('a folder that cannot be written', () => {
  it('keeps a universe, which has a log, from being read, but not a backup', async () => {
    using folder = temporaryFolder()
    const [path, backup] = [folder.file('universe.db'), folder.file('backup.db')]
    {
      await using universe = await openUniverse(path)
      await universe.commit('a', (draft) => draft.createEntity('T'))
      await universe.backup(backup)
    }
    chmodSync(folder.path, 0o555)
    const error = await asNobody(() => refusalOf(() => openUniverse(path, { readOnly: true })))
    const count = await asNobody(async () => {
      await using universe = await openUniverse(backup, { readOnly: true })
      return universe.head.count()
    })
    chmodSync(folder.path, 0o755)
    expect(error).toMatchObject({ code: 'INTEGRITY', hint: expect.stringContaining('backup') })
    expect(count).toEqual({ entities: 1, relations: 0 })
  })
})
