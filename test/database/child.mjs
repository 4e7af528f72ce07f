/**
 * A process to be killed. It says what it did with a synchronous write, so that whatever was said was done.
 * Arguments: the built library, what to do, the database, and what that needs.
 */
import { writeSync } from 'node:fs'

const [, , library, task, path, source] = process.argv
const { openUniverse } = await import(library)
const say = (text) => writeSync(1, `${text}\n`)

say('READY')
if (task === 'open') {
  const universe = await openUniverse(path)
  say(`OPEN ${(await universe.stats()).universeId}`)
  await universe.close()
}
if (task === 'hold') {
  // Twice, as a program with two parts would.
  const universes = [await openUniverse(path), await openUniverse(path)]
  say(`OPEN ${universes.length}`)
  setInterval(() => universes.length, 1_000)
}
if (task === 'commit') {
  const universe = await openUniverse(path)
  for (;;) {
    const { sequence, versionHash } = await universe.commit('Work', (draft) => {
      const one = draft.createEntity('T', { at: Math.random(), tags: ['x'] })
      const other = draft.createEntity('T', {}, { id: `last ${process.pid} ${Math.random()}` })
      draft.createRelation('R', one, other)
      draft.updateEntity(one, { more: 'x'.repeat(200) })
    })
    say(`ACK ${sequence} ${versionHash}`)
  }
}
if (task === 'snapshot') {
  const universe = await openUniverse(path)
  Object.assign(universe.committer.snapshots.policy, { leastBytes: 1, versionsBetween: 1, chunkBytes: 100 })
  for (let n = 0; ; n++) {
    const { sequence, versionHash } = await universe.commit('Work', (draft) => {
      for (let id = 0; id < 20; id++) draft.updateEntity(`${id}`, { n, text: 'x'.repeat(60) })
    })
    say(`ACK ${sequence} ${versionHash}`)
  }
}
if (task === 'import') {
  const universe = await openUniverse(path)
  await universe.import(source, { onProgress: ({ imported, skipped }) => say(`ACK ${imported} ${skipped}`) })
  say('DONE')
  await universe.close()
}
if (task === 'verify') {
  const universe = await openUniverse(path, { readOnly: true })
  const { count } = await universe.verify()
  say(count > 0 ? `FOUND ${count}` : 'NOTHING')
  await universe.close()
}
