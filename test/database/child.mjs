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
if (task === 'share') {
  // Commits on a branch that others commit on too, in each of the ways; `left` and `right` grow together.
  const branch = source
  const universe = await openUniverse(path, { owner: `${process.pid}` })
  const grow = (elements) =>
    elements.map(({ id, metadata }) => {
      return { op: 'updateEntity', id, changes: [{ op: 'set', path: '/n', value: metadata.n + 1 }] }
    })
  const ways = {
    async closure() {
      const read = async (draft) =>
        draft.apply(grow([await draft.requireEntity('left'), await draft.requireEntity('right')]))
      return universe.commit('Read and grown', read, { branch })
    },
    async expected() {
      const { head } = (await universe.branches()).find(({ name }) => name === branch)
      const { items } = await universe.at(head.versionId).entities({ type: 'Counter' })
      return universe.commit('Grown as expected', grow(items), { branch, expectedVersion: head.versionId })
    },
    async list() {
      return universe.commit('Added', [{ op: 'createEntity', id: newName(), entityType: 'Thing', metadata: {} }], {
        branch,
      })
    },
  }
  let names = 0
  const newName = () => `${process.pid} ${names++}`
  for (;;) {
    const way = Object.keys(ways)[Math.floor(Math.random() * 3)]
    try {
      const { versionId } = await ways[way]()
      say(`ACK ${branch} ${versionId} ${way}`)
    } catch (error) {
      if (way === 'expected' && error.code === 'VERSION_CONFLICT') say('CONFLICT')
      // Ten times, as it is documented: the others never rest here.
      else if (way === 'closure' && error.message.includes('moved 10 times')) say('MOVED')
      else say(`FAILED ${way} ${error.stack.replaceAll('\n', ' ')}`)
    }
  }
}
if (task === 'watch') {
  // What grows together is seen together, and never shrinks.
  const universe = await openUniverse(path, { readOnly: true })
  const seen = { main: 0, side: 0 }
  for (let n = 0; ; n++) {
    const branch = n % 2 ? 'main' : 'side'
    try {
      const { items } = await universe.at(branch).entities({ type: 'Counter' })
      const { entities } = await universe.at(branch).subgraph(['left', 'right'])
      const [first, second] = [items, entities].map((both) => both.map(({ metadata }) => metadata.n))
      const isWhole = first.length === 2 && first[0] === first[1] && second.length === 2 && second[0] === second[1]
      if (!isWhole || first[0] < seen[branch] || second[0] < first[0])
        say(`FAILED ${branch} ${first} ${second} ${seen[branch]}`)
      seen[branch] = second[0]
      say(`READ ${branch} ${second[0]}`)
    } catch (error) {
      say(`FAILED ${error.stack.replaceAll('\n', ' ')}`)
    }
  }
}
