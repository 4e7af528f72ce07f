/** Where it comes from: the newest versions. */
import { newestVersions } from '../../../../queries/head.js'
import { isoTime } from '../../moment.js'
import { colours, firstLine } from '../../output.js'
import { show, type Tour } from '../step.js'

const shown = 4

export async function showVersions(tour: Tour): Promise<void> {
  await show(tour, {
    title: 'The newest versions',
    code: `await universe.versions.history('main', { limit: ${shown} })`,
    call: () => tour.universe.versions.history('main', { limit: shown }),
    plain: (head) => head.all(newestVersions, { limit: shown }),
    lines: (versions) =>
      versions.map((version) =>
        `${colours.yellow(tour.short(version))}  ${isoTime(version.timestamp)}  ${firstLine(version.description)}`.trimEnd(),
      ),
  })
}
