/** The model refuses, as the product must. */
export type Code = 'NOT_FOUND' | 'ALREADY_EXISTS' | 'ENTITY_IN_USE' | 'VALIDATION' | 'VERSION_CONFLICT'

/** Several codes where one write breaks several rules and DESIGN does not say which is named. */
export class Refusal extends Error {
  readonly codes: readonly Code[]
  /** The index of the operation that cannot be applied. */
  readonly operation: number | undefined

  constructor(codes: readonly Code[], reason: string, operation?: number) {
    super(`${codes.join(' or ')}: ${reason}`)
    this.name = 'Refusal'
    this.codes = codes
    this.operation = operation
  }
}

export function refuse(code: Code, reason: string): never {
  throw new Refusal([code], reason)
}

/** What `write` returns, or the refusal it throws; any other error passes through. */
export function attempt<T>(write: () => T): T | Refusal {
  try {
    return write()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
