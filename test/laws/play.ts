/** The product and the model side by side: every step is taken on both and must end alike. */
import { expect, vi } from 'vitest'
import type { Command } from '../model/command.js'
import { Clock, makeStep, type Step, type StepIntent } from '../model/generator.js'
import type { Universe } from '../model/open.js'
import { attempt, Refusal } from '../model/refusal.js'
import type { Statistics } from '../model/statistics.js'
import { ModelUniverse, type ModelVersion, type VersionRecord } from '../model/universe.js'
import type { Course } from './law.js'

type CommitOptions = NonNullable<Parameters<Universe['commit']>[2]>
export type Draft = Parameters<Extract<Parameters<Universe['commit']>[1], (draft: never) => unknown>>[0]
export type Version = Awaited<ReturnType<Universe['commit']>>

/** A step that was taken: the version it led to, an old one if it was a retry, or none. */
export interface Turn {
  model: ModelUniverse
  step: Step
  version: ModelVersion | undefined
  isNew: boolean
}

/**
 * Plays a whole history and gives the model that it led to. `after` sees every turn.
 */
export async function play(
  universe: Universe,
  intents: readonly StepIntent[],
  { statistics, steps }: Course,
  after: (turn: Turn) => Promise<void> = async () => {},
): Promise<ModelUniverse> {
  const model = new ModelUniverse()
  const clock = new Clock()
  try {
    for (const intent of intents) {
      const step = makeStep(model, intent, clock)
      steps.push(step)
      await after(await take(universe, model, step, statistics))
    }
  } finally {
    vi.useRealTimers()
  }
  return model
}

async function take(universe: Universe, model: ModelUniverse, step: Step, statistics: Statistics): Promise<Turn> {
  vi.setSystemTime(step.now)
  const answer = await submit(universe, step).catch((error: unknown) => error as Error)
  const versionId = answer instanceof Error ? 'refused' : answer.versionId
  const count = model.versions.length
  const outcome = attempt(() => model.commit(step, step.now, versionId))
  const isNew = model.versions.length > count
  statistics.add(model, step, outcome, isNew)

  if (outcome instanceof Refusal) {
    expectRefusal(answer, outcome, step)
    return { model, step, version: undefined, isNew }
  }
  if (answer instanceof Error) throw answer
  expect(answer).toEqual(versionOf(outcome))
  expect(await universe.versions.operations(versionId)).toEqual(outcome.operations)
  return { model, step, version: outcome, isNew }
}

function submit(universe: Universe, step: Step): Promise<Version> {
  const { description, commands } = step
  const options = step.options as CommitOptions
  if (step.isList) {
    const operations = commands.flatMap((one) => (one.call === 'apply' ? one.operations : []))
    return universe.commit(description, operations, options)
  }
  return universe.commit(
    description,
    (draft) => {
      for (const command of commands) write(draft, command)
    },
    options,
  )
}

/** One command, as a caller writes it to a draft. */
export function write(draft: Draft, command: Command): void {
  switch (command.call) {
    case 'createEntity':
      draft.createEntity(command.entityType, command.metadata, command.options)
      break
    case 'createRelation': {
      const { relationType, from, to, metadata, options } = command
      draft.createRelation(relationType, from, to, metadata, options)
      break
    }
    case 'updateEntity':
    case 'updateRelation':
      draft[command.call](command.id, command.patch, command.options)
      break
    case 'changeEntity':
    case 'changeRelation':
      draft[command.call](command.id, command.changes)
      break
    case 'replaceEntity':
    case 'replaceRelation':
      draft[command.call](command.id, command.metadata)
      break
    case 'deleteEntity':
      draft.deleteEntity(command.id, { cascade: command.cascade })
      break
    case 'deleteRelation':
      draft.deleteRelation(command.id)
      break
    case 'apply':
      draft.apply(command.operations)
  }
}

/** The same code; in a list, where nothing is expanded, the same operation too. */
function expectRefusal(answer: Version | Error, refusal: Refusal, step: Step): void {
  const error = answer as Error & { code?: string; operation?: number }
  const message = `${error.message ?? 'no refusal'} (${refusal.message})`
  expect(refusal.codes, message).toContain(error.code)
  if (step.isList && refusal.codes.length === 1) {
    expect(error.operation, message).toBe(refusal.operation)
  }
}

/** A version of the model as the API returns it. */
export function versionOf(version: ModelVersion): Version {
  const { metadata: _metadata, operations: _operations, state: _state, ...rest } = version
  return { ...rest, parentVersionId: version.parents[0] ?? null }
}

export function versionsOf(versions: readonly ModelVersion[]): Version[] {
  return versions.map(versionOf)
}

/** The same history with other timestamps, as only a stream can bring it. */
export function retimed(model: ModelUniverse, timestamps: readonly number[]): ModelUniverse {
  const copy = new ModelUniverse()
  model.versions.forEach((version, index) => {
    copy.append({ ...recordOf(version), timestamp: timestamps[index] ?? version.timestamp })
  })
  return copy
}

/** As a stream writes it. */
export function recordOf(version: ModelVersion): VersionRecord {
  const { versionId, parents, timestamp, owner, description, operations, metadata } = version
  const record = { version: versionId, parents, timestamp, owner, description, operations }
  return metadata ? { ...record, metadata } : record
}
