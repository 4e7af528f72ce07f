/** The steps of the tour, in their order. A new step is a file in `steps` and a line here. */
import type { TourStep } from './step.js'
import { showBranches } from './steps/branches.js'
import { showCommandLine } from './steps/command-line.js'
import { showContent } from './steps/content.js'
import { showDiff } from './steps/diff.js'
import { showHistory } from './steps/history.js'
import { showNeighbours } from './steps/neighbours.js'
import { showTraversal } from './steps/traversal.js'
import { showValidTime } from './steps/valid-time.js'
import { showVersions } from './steps/versions.js'

export const steps: readonly TourStep[] = [
  showContent,
  showVersions,
  showNeighbours,
  showTraversal,
  showHistory,
  showDiff,
  showBranches,
  showValidTime,
  showCommandLine,
]
