/**
 * Asking a validator of the caller's: whatever it does, the answer is JSON that may be kept or a list
 * of issues.
 */
import type { ValidationIssue } from '../model/errors.js'
import { equalJson, guardObject, type JsonLimits, type JsonObject, RefusedJson } from '../model/json.js'
import { toPointer } from '../model/pointer.js'
import type { StandardIssue, StandardResult, StandardSchema } from '../model/standard.js'

/** What a validator made of metadata: its output, or why there is none, by places in an element. */
export type Validated = { output: JsonObject } | { issues: ValidationIssue[]; cause?: unknown }

/** More would only make the error longer. */
const mostIssues = 100

/**
 * Validates metadata that has passed the guard. The output passes it too; where it is the same JSON,
 * it is the object that was given.
 *
 * Cost: the validator's, and a copy of the metadata, so that no validator changes what is stored.
 */
export function validate(validator: StandardSchema, metadata: JsonObject, limits: JsonLimits): Validated {
  try {
    const result: StandardResult<unknown> | PromiseLike<unknown> = validator['~standard'].validate(
      structuredClone(metadata),
    )
    if (isPromise(result)) {
      // Nobody waits for it: what it ends with is nobody's unhandled rejection.
      Promise.resolve(result).catch(() => undefined)
      return refusal('the validator answers with a promise: it must be synchronous and not throw')
    }
    if (result.issues !== undefined) {
      const issues = Array.from(result.issues).slice(0, mostIssues).map(toIssue)
      return issues.length > 0 ? { issues } : refusal('the validator refuses it and does not say why')
    }
    const output = guardObject(result.value, limits)
    return { output: equalJson(output, metadata) ? metadata : output }
  } catch (error) {
    if (!(error instanceof RefusedJson)) {
      return refusal(`the validator failed: ${messageOf(error)}`, error)
    }
    const reason = `${error.reason}, in what the validator returned`
    return { issues: [{ path: `/metadata${toPointer(error.path)}`, reason }] }
  }
}

function messageOf(thrown: unknown): string {
  const message: unknown = thrown instanceof Error ? thrown.message : thrown
  return typeof message === 'string' ? message : 'it threw what is no error'
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as { then?: unknown }).then === 'function'
}

function refusal(reason: string, cause?: unknown): Validated {
  return { issues: [{ path: '/metadata', reason }], cause }
}

function toIssue({ message, path = [] }: StandardIssue): ValidationIssue {
  const tokens = path.map((token) => String(typeof token === 'object' ? token.key : token))
  return { path: `/metadata${toPointer(tokens)}`, reason: String(message) }
}
