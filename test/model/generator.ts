/**
 * Random histories. A step is made when the versions before it stand, so that most of its commands
 * fit what is there; what it must do to the model is known the moment it is made.
 */
import { inspect } from 'node:util'
import { applyOperations } from './apply.js'
import { type Command, operationsOf } from './command.js'
import type { StepIntent } from './intent.js'
import { realise } from './realise.js'
import { attempt, Refusal } from './refusal.js'
import { type Contents, emptyState } from './state.js'
import type { CommitOptions, ModelUniverse, Submission } from './universe.js'
import { pick } from './values.js'

export { calmStepIntents, lastingStepIntents, stepIntents } from './intent.js'
export type { StepIntent }

export interface Step extends Submission {
  /** What the clock says when the step is taken. */
  now: number
  /** A closure that calls the draft, a closure that applies a list, or a list. */
  how: 'draft' | 'apply' | 'list'
}

const firstMoment = 1_790_000_000_000

/** The clock, which may run back: step after step, it moves by what each intent says. */
export class Clock {
  private now = firstMoment

  tick(milliseconds: number): number {
    this.now += milliseconds
    return this.now
  }
}

export function makeStep(universe: ModelUniverse, intent: StepIntent, clock: Clock): Step {
  const now = clock.tick(intent.clock)
  const retried = pick(universe.versions, intent.clock + intent.intents.length + 1_000)
  if (intent.option === 'retry' && retried) {
    const commands: Command[] = [{ call: 'apply', operations: retried.operations }]
    const options = { versionId: retried.versionId, owner: retried.owner }
    const { how } = intent
    return { description: retried.description, commands, isList: how === 'list', options, now, how }
  }
  const commands = makeCommands(universe.head?.state ?? emptyState, intent)
  const isListable = intent.how !== 'draft'
  return {
    description: intent.description,
    commands: isListable ? asList(universe.head?.state ?? emptyState, commands) : commands,
    isList: intent.how === 'list',
    options: makeOptions(universe, intent),
    now,
    how: intent.how,
  }
}

function makeCommands(before: Contents, { intents }: StepIntent): Command[] {
  const commands: Command[] = []
  let contents = before
  for (const intent of intents) {
    for (const command of realise(intent, contents)) {
      commands.push(command)
      const after = afterCommand(contents, command)
      if (!(after instanceof Refusal)) contents = after
    }
  }
  return commands
}

function afterCommand(contents: Contents, command: Command): Contents | Refusal {
  return attempt(() => applyOperations(contents, operationsOf(command, contents)))
}

/** One command that applies the operations which the commands stand for. */
function asList(before: Contents, commands: readonly Command[]): Command[] {
  let contents = before
  const operations = commands.flatMap((command) => {
    const stoodFor = operationsOf(command, contents)
    const after = afterCommand(contents, command)
    if (!(after instanceof Refusal)) contents = after
    return stoodFor
  })
  return [{ call: 'apply', operations }]
}

function makeOptions(universe: ModelUniverse, intent: StepIntent): CommitOptions {
  const { head, versions } = universe
  const { timestamp, owner, metadata } = intent
  // One thing wrong is enough: which of two is told of is not laid down.
  const option = intent.intents.some(({ wish }) => wish === 'wrong') ? 'none' : intent.option
  const next = `v${versions.length + 1}`
  const options: CommitOptions = {
    ...(timestamp === undefined ? {} : { timestamp: (head?.timestamp ?? -7) + timestamp }),
    ...(intent.named ? { versionId: next } : {}),
    ...(owner === undefined ? {} : { owner }),
    ...(metadata === undefined ? {} : { metadata }),
  }
  switch (option) {
    case 'expected':
      return { ...options, expectedVersion: head?.versionId ?? null }
    case 'conflict':
      return {
        ...options,
        expectedVersion: head ? (pick([null, 'nowhere'], intent.clock) ?? null) : next,
      }
    case 'earlier':
      return head ? { ...options, timestamp: head.timestamp - 1 } : { ...options, timestamp: 0.5 }
    case 'badOwner':
      return { ...options, owner: '' }
    case 'taken':
      return head ? { ...options, versionId: head.versionId, owner: 'another' } : options
    default:
      return options
  }
}

/** For the message of a failed law: what to do again by hand. */
export function describeSteps(steps: readonly Step[]): string {
  const shown = { depth: null, compact: 10, breakLength: 160, maxStringLength: 200 }
  return steps.map((step, index) => `step ${index + 1}: ${inspect(step, shown)}`).join('\n')
}
