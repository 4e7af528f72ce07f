/** Reading where a view reads: every question in one transaction, and the place found in it. */
import type { StateRow } from '../../queries/standing.js'
import type { Database } from '../database/database.js'
import type { Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import type { ElementKind } from '../model/entity.js'
import type { Place } from '../state/place.js'
import { pointRow, pointRowAt } from './point.js'
import { type Source, sequenceOf } from './source.js'

export class Reader {
  constructor(
    readonly database: Database,
    readonly source: Source,
  ) {}

  /** Runs work at the place, which is resolved in the same transaction. */
  async at<T>(work: (place: Place) => Work<T>, resolve = () => this.source.resolve(), budget?: Budget): Promise<T> {
    return this.database.read(function* () {
      return yield* work(yield* resolve())
    }, budget)
  }

  /** The row of one element, or undefined where it does not stand. */
  row(element: ElementKind, id: string): Promise<StateRow | undefined> {
    const place = this.source.known
    if (place !== undefined) return pointRow(this.database, element, place, id)
    return this.at((found) => pointRowAt(element, found, id))
  }

  /** What tells the pages of a question from others: the question, and the moment of what is valid. */
  asked({ hash }: { hash: string }): string {
    const { validAt } = this.source
    return validAt === undefined ? hash : `${hash} ${validAt}`
  }

  /** A reader of the version that this one would read now. */
  async pinned(): Promise<Reader> {
    const { source } = this
    const sequence = await this.at((place) => sequenceOf(place))
    const resolveAt = (one: number) => source.resolveAt(one)
    return new Reader(this.database, { known: undefined, resolve: () => resolveAt(sequence), resolveAt })
  }
}
