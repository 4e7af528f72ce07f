/** PostgreSQL's errors in the words of the library, with the driver's error as their cause. */
import { BusyError, IntegrityError, NotFoundError, UniverseError, ValidationError } from '../../model/errors.js'
import { diskFull } from '../full.js'

const classes = {
  /** The connection was lost, or there was none to be had: nothing answers, or nothing takes us yet. */
  lost: /^(08...|57P0[1235]|25P03|53300|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND|ENOENT)$/,
  /** What another transaction did makes this one begin again. */
  again: /^(40001|40P01)$/,
  /** The session is not the one in which the statement was prepared: a pooler stands between. */
  unprepared: /^(26000|42P05)$/,
  busy: /^(55P03|57014)$/,
  credentials: /^28...$/,
  /** Who asks may not do it, or nobody may: the server is a copy. */
  forbidden: /^(42501|25006)$/,
  damaged: /^(XX00[12])$/,
} as const

/** What the driver says where it has no code for it. */
const lostMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed)|Query read timeout|Cannot use a pool|server conn crashed|.*client_login_timeout)/

export type Failure = keyof typeof classes

/** Whether an error is of this kind. */
export function isFailure(error: unknown, kind: Failure): boolean {
  const code = codeOf(error)
  if (code !== undefined) return classes[kind].test(code)
  return kind === 'lost' && error instanceof Error && lostMessages.test(error.message)
}

/** Whether nothing answered for as long as a connection may take: another try would double the wait. */
export function isSilent(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(timeout exceeded when|Connection terminated due to connection timeout)/.test(error.message)
  )
}

/** What the driver or Node says, mostly without a code, of an address that is not the server's. */
const refusedAddress = [
  /^The server does not support SSL connections/,
  /^SASL: .*(password|must be)/i,
  /^There was an error establishing an SSL connection/,
] as const
const refusedCertificate = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  // Several addresses of one host were tried.
  const one = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const { code } = one as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** Translates a driver's error; what is no driver's comes back as it is. `name` is the address without a password. */
export function translate(error: unknown, name: string): unknown {
  if (error instanceof UniverseError || !(error instanceof Error)) return error
  if (isFailure(error, 'lost')) return unreachable(error, name)
  const code = codeOf(error)
  if (refusedAddress.some((says) => says.test(error.message)) || (code && refusedCertificate.test(code))) {
    return invalidAddress(error, `${name} cannot be connected to so: ${error.message}`)
  }
  if (code === undefined) return error
  return translated(error, code, name)
}

/** The server does not answer. */
export function unreachable(cause: Error, name: string): BusyError {
  return new BusyError({
    reason: `The server of ${name} does not answer: ${reasonOf(cause)}`,
    hint: 'Is it running, and may this machine reach it? Nothing of this call was written; try again later.',
    cause,
  })
}

/** Nobody knows whether a transaction was committed, for the answer was lost. */
export class OutcomeUnknownError extends BusyError {
  constructor(facts: { name: string; cause: unknown }) {
    super({
      reason: `The connection to ${facts.name} was lost before it said whether the call was written`,
      hint: 'Look whether it was before it is tried again.',
      cause: facts.cause,
    })
    this.name = 'BusyError'
  }
}

function invalidAddress(cause: Error, reason: string): ValidationError {
  return new ValidationError({
    what: 'The address of the universe is not valid',
    issues: [{ path: '', reason }],
    cause,
  })
}

function translated(error: Error, code: string, name: string): UniverseError {
  const facts = { cause: error }
  if (isFailure(error, 'busy')) {
    const reason = `${name} was kept busy by another writer`
    return new BusyError({ reason: code === '55P03' ? reason : `${name}: ${error.message}`, ...facts })
  }
  if (isFailure(error, 'again')) return new BusyError({ reason: `${name} is kept busy: ${error.message}`, ...facts })
  if (isFailure(error, 'credentials')) {
    return invalidAddress(error, `${name} lets nobody in with it: ${error.message}`)
  }
  if (code === '3D000') {
    return new NotFoundError({ what: 'The database', id: name, hint: 'Make it with `createdb`.', ...facts })
  }
  if (code === '42501') {
    const hint = 'Ask for the rights on the schema, or open it with { readOnly: true }.'
    return new IntegrityError({ reason: `${name} may not be read or written: ${error.message}`, hint, ...facts })
  }
  if (code === '25006') {
    const hint = 'Open it with { readOnly: true }, or write to the primary.'
    return new IntegrityError({ reason: `${name} cannot be written: ${error.message}`, hint, ...facts })
  }
  if (code === '53100') {
    const hint = 'Free some space and try again. The transaction that did not fit was undone.'
    const reason = `${name} cannot grow: the disk of the server is full`
    return diskFull({ reason, hint, ...facts })
  }
  if (isFailure(error, 'damaged')) {
    const hint = 'Restore a backup; what `verify` names may help to find what is lost.'
    return new IntegrityError({ reason: `${name} is damaged: ${error.message}`, hint, ...facts })
  }
  return new IntegrityError({ reason: `${name} could not be read or written: ${error.message}`, ...facts })
}

function reasonOf(error: Error): string {
  if (error.message !== '') return error.message
  return error instanceof AggregateError ? String((error.errors[0] as Error).message) : String(codeOf(error))
}
