/**
 * Where a view reads: the head of a branch, anew at each call, or one version for good.
 */

import { branchByName } from '../../queries/branch.js'
import { versionById, versionBySequence } from '../../queries/version.js'
import { first, type Work } from '../database/work.js'
import { ValidationError } from '../model/errors.js'
import { readableId } from '../model/id.js'
import type { LaneGeneration } from '../state/generation.js'
import {
  emptyPlace,
  headPlace,
  isHead,
  isLaid,
  meetingOf,
  type Place,
  placeAt,
  placeOfBranch,
  placeOfVersion,
  validPlace,
} from '../state/place.js'

export interface Source {
  /** The moment of which only what is valid then is read, in milliseconds. */
  readonly validAt?: number
  /** The same source with all that stands, where there is a moment. */
  readonly whole?: Source
  /** The place, where it is known without asking. */
  readonly known: Place | undefined
  /** Whether the place, once it is known, is the same for good: until lanes are laid anew. */
  readonly isFixed?: boolean
  /** The place as of now. */
  resolve(): Work<Place>
  /** The place as of a sequence that it stood at before, whatever has become of the branch since. */
  resolveAt(sequence: number): Work<Place>
  /**
   * The place as of the sequence of a cursor.
   *
   * @throws {ValidationError} where it never stood there: for one off the branch's first-parent chain, and on a
   * fixed view of another sequence.
   */
  resolveCursor(sequence: number): Work<Place>
}

/** The newest version of a branch, at each call. */
export function branchSource(name: string, places?: KnownPlaces): Source {
  const isMain = name === 'main'
  const source = {
    known: isMain ? headPlace : undefined,
    *resolve() {
      if (isMain) return headPlace
      const place = yield* placeOfBranch(name, places?.ofBranch(name))
      places?.keepBranch(name, place)
      return place
    },
    *resolveAt(sequence: number) {
      if (sequence === 0) return emptyPlace
      if (isMain && sequence === (yield* sequenceOf(headPlace))) return headPlace
      const version = yield* first(versionBySequence, { sequence })
      if (version === undefined) throw cursorOf('another universe')
      return yield* placeAt(version.lane_id, sequence)
    },
    *resolveCursor(sequence: number) {
      const place = yield* source.resolveAt(sequence)
      // A branch moves along first parents alone, so its chain still has all that it was; that of main is lane 1.
      const isOnChain = isMain ? !isLaid(place) : meetingOf(place, yield* source.resolve()) === sequence
      if (!isOnChain) throw cursorOf('another version than this view')
      return place
    },
  }
  return source
}

/**
 * One version for good: its place is found at the first read where it is not known, and again where
 * lanes were laid anew. Without a generation it must not outlive its transaction.
 */
export function fixedSource(find: () => Work<Place>, lanes?: LaneGeneration, known?: Place): Source {
  let place = known
  let laid = lanes?.number
  const source = {
    isFixed: lanes !== undefined,
    get known() {
      return laid === lanes?.number ? place : undefined
    },
    *resolve() {
      const standing = source.known
      if (standing !== undefined) return standing
      laid = lanes?.number
      place = yield* find()
      return place
    },
    resolveAt: () => source.resolve(),
    *resolveCursor(sequence: number) {
      const here = yield* source.resolve()
      if (here.sequence !== sequence) throw cursorOf('another version than this view')
      return here
    },
  }
  return source
}

/**
 * The places of versions and branches that were read before: a view of the same one need not look up
 * its lineage again, until lanes are laid anew. Bounded: the oldest are forgotten.
 */
export class KnownPlaces {
  private readonly places = new Map<string, Place>()
  private readonly branches = new Map<string, Place>()
  private laid: number

  constructor(readonly lanes: LaneGeneration) {
    this.laid = lanes.number
  }

  get(versionId: string): Place | undefined {
    this.forgetOthers()
    return this.places.get(versionId)
  }

  set(versionId: string, place: Place): void {
    keep(this.places, versionId, place)
  }

  /** Where a branch's head stood when it was last read: its lane may still be the same. */
  ofBranch(name: string): Place | undefined {
    this.forgetOthers()
    return this.branches.get(name)
  }

  keepBranch(name: string, place: Place): void {
    if (this.branches.get(name) !== place) keep(this.branches, name, place)
  }

  /** Forgets the places of another generation. */
  private forgetOthers(): void {
    if (this.laid === this.lanes.number) return
    this.places.clear()
    this.branches.clear()
    this.laid = this.lanes.number
  }
}

function keep(places: Map<string, Place>, name: string, place: Place): void {
  if (places.size >= mostPlaces) places.delete(places.keys().next().value as string)
  places.set(name, place)
}

const mostPlaces = 20_000

/** A version for good; its place is looked up once for all views of it. */
export function versionSource(id: string, places: KnownPlaces | undefined): Source {
  const known = places?.get(id)
  const find = function* () {
    const place = yield* placeOfVersion(id)
    places?.set(id, place)
    return place
  }
  return fixedSource(find, places?.lanes, known)
}

/** A branch if one has this name at the first read, else the version of this id. */
export function namedSource(name: string, places: KnownPlaces | undefined): Source {
  // A version that was read by this id: no branch can have the name.
  if (places?.get(name) !== undefined) return versionSource(name, places)
  let found: Source | undefined
  const find = function* (): Work<Source> {
    if (found === undefined) {
      const id = readableId(name)
      const isBranch = (yield* first(branchByName, { name: id })) !== undefined
      const version = isBranch ? undefined : yield* first(versionById, { id })
      found = version
        ? versionSource(name, places)
        : // Without either: the branch's error, at each read, until there is one.
          branchSource(name, places)
      if (!isBranch && !version) {
        const missing = found
        found = undefined
        return missing
      }
    }
    return found
  }
  return {
    get known() {
      return found?.known
    },
    *resolve() {
      return yield* (yield* find()).resolve()
    },
    *resolveAt(sequence) {
      return yield* (yield* find()).resolveAt(sequence)
    },
    *resolveCursor(sequence) {
      return yield* (yield* find()).resolveCursor(sequence)
    },
  }
}

/** What is valid at a moment (in milliseconds) of a source, in place of any moment that it has. */
export function validSource(source: Source, validAt: number): Source {
  const whole = source.whole ?? source
  let last: { place: Place; valid: Place } | undefined
  const valid = (place: Place) => {
    if (last?.place !== place) last = { place, valid: validPlace(place, validAt) }
    return last.valid
  }
  return {
    validAt,
    whole,
    get known() {
      const { known } = whole
      return known && valid(known)
    },
    *resolve() {
      return valid(yield* whole.resolve())
    },
    *resolveAt(sequence) {
      return valid(yield* whole.resolveAt(sequence))
    },
    *resolveCursor(sequence) {
      return valid(yield* whole.resolveCursor(sequence))
    },
  }
}

/** The sequence that a place stands for now. */
export function* sequenceOf(place: Place): Work<number> {
  if (!isHead(place)) return place.sequence
  return (yield* first(branchByName, { name: 'main' }))?.sequence ?? 0
}

/** A cursor that belongs elsewhere. */
function cursorOf(what: string): ValidationError {
  return new ValidationError({
    what: 'The filter is not valid',
    issues: [{ path: '/cursor', reason: `belongs to ${what}` }],
  })
}
