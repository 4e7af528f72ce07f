/** Parsing what stands behind an option. */
import { InvalidArgumentError } from 'commander'

/** A whole number, 1 or more. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number > 0) return number
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}

/** Collects what an option is given several times, or as a list with commas. */
export function list(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(',')]
}
