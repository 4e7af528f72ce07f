/** A small history to show where there is none of git: an expedition, commit by commit. */
import type { Draft, Universe } from '../../index.js'

const first = Date.UTC(2024, 0, 8, 9)
const week = 7 * 86_400_000

const commits: readonly [description: string, work: (draft: Draft) => void][] = [
  [
    'Ada and Grace found the Survey',
    (draft) => {
      draft.createEntity('Project', { name: 'Survey', phase: 'planned' }, { id: 'survey' })
      draft.createEntity('Person', { name: 'Ada', role: 'lead' }, { id: 'ada' })
      draft.createEntity('Person', { name: 'Grace', role: 'navigator' }, { id: 'grace' })
      draft.createRelation('HAS_MEMBER', 'survey', 'ada', {}, { id: 'survey-ada' })
      draft.createRelation('HAS_MEMBER', 'survey', 'grace', {}, { id: 'survey-grace' })
    },
  ],
  [
    'They buy a telescope',
    (draft) => {
      draft.createEntity('Instrument', { name: 'Telescope', aperture: 200 }, { id: 'telescope' })
      draft.createRelation('USES', 'survey', 'telescope', { since: 2024 }, { id: 'survey-telescope' })
    },
  ],
  [
    'Hypatia joins',
    (draft) => {
      draft.createEntity('Person', { name: 'Hypatia', role: 'observer' }, { id: 'hypatia' })
      draft.createRelation('HAS_MEMBER', 'survey', 'hypatia', {}, { id: 'survey-hypatia' })
      draft.createRelation('OPERATES', 'hypatia', 'telescope', {}, { id: 'hypatia-telescope' })
    },
  ],
  ['The Survey begins', (draft) => draft.updateEntity('survey', { phase: 'observing', nights: 1 })],
  [
    'Grace leaves for another project',
    (draft) => {
      draft.deleteRelation('survey-grace')
      draft.updateEntity('grace', { role: null })
    },
  ],
  [
    'A comet is found',
    (draft) => {
      draft.createEntity('Comet', { name: 'C/2024 A1', magnitude: 11.2 }, { id: 'comet' })
      draft.createRelation('FOUND', 'survey', 'comet', { by: 'hypatia' }, { id: 'survey-comet' })
      draft.updateEntity('survey', { nights: 17 })
    },
  ],
  [
    'A spectrograph takes the place of the telescope',
    (draft) => {
      draft.createEntity('Instrument', { name: 'Spectrograph' }, { id: 'spectrograph' })
      draft.createRelation('USES', 'survey', 'spectrograph', {}, { id: 'survey-spectrograph' })
      draft.createRelation('OPERATES', 'hypatia', 'spectrograph', {}, { id: 'hypatia-spectrograph' })
      draft.deleteRelation('survey-telescope')
      draft.deleteRelation('hypatia-telescope')
    },
  ],
  ['The Survey ends', (draft) => draft.updateEntity('survey', { phase: 'published', nights: 64 })],
]

export async function commitSample(universe: Universe): Promise<void> {
  for (const [index, [description, work]] of commits.entries()) {
    await universe.commit(description, (draft) => work(draft), { timestamp: first + index * week, owner: 'tour' })
  }
}
