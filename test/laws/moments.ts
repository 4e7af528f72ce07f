/** Moments of valid time: most of them where an element begins or ceases to be valid. */
import type { State } from '../model/state.js'
import type { Dice } from './dice.js'

export function randomMoment({ entities, relations }: State, dice: Dice): number {
  const elements = [...entities.values(), ...relations.values()]
  const bounds = elements.flatMap(({ validFrom = [], validTo = [] }) => [validFrom, validTo].flat())
  if (bounds.length === 0) return dice.pick([-5, 0, 10, 1_700_000_000_000])
  return dice.pick(bounds) + dice.pick([-1, 0, 0, 0, 1])
}
