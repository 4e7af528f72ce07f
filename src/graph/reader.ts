/** Reading where a view reads: every question in one transaction, and the place found in it. */
import type { StateRow } from '../../queries/standing.js'
import type { Database } from '../database/database.js'
import type { Work } from '../database/work.js'
import type { Budget } from '../model/budget.js'
import type { ElementKind } from '../model/entity.js'
import type { LaneGeneration } from '../state/generation.js'
import { isLaid, type Place } from '../state/place.js'
import { pointRow, pointRowAt } from './point.js'
import { type Source, sequenceOf } from './source.js'

export class Reader {
  constructor(
    readonly database: Database,
    readonly source: Source,
    private readonly lanes: LaneGeneration,
  ) {}

  /** Runs work at the place, which is resolved in the same transaction. */
  async at<T>(work: (place: Place) => Work<T>, resolve = () => this.source.resolve(), budget?: Budget): Promise<T> {
    for (;;) {
      let place: Place | undefined
      const answer = await this.database.read(function* () {
        place = yield* resolve()
        return yield* work(place)
      }, budget)
      // It may have been kept from another call.
      if (await this.stood(place as Place)) return answer
    }
  }

  /**
   * What is asked of a place that is known, without a transaction. Undefined where none is, and where
   * lanes were laid anew before it was answered.
   */
  async known<T>(ask: (place: Place) => T | Promise<T>): Promise<T | undefined> {
    const { known } = this.source
    if (known === undefined) return undefined
    const answer = await ask(known)
    return (await this.stood(known)) ? answer : undefined
  }

  /** The row of one element, or undefined where it does not stand. */
  row(element: ElementKind, id: string): Promise<StateRow | undefined> {
    const { known, isFixed } = this.source
    if (known === undefined && isFixed) return this.fixedRow(element, id)
    if (known === undefined) return this.at((found) => pointRowAt(element, found, id))
    return isLaid(known) ? this.laidRow(element, known, id) : pointRow(this.database, element, known, id)
  }

  /** Of a place that is found first: it is the same in the next statement. */
  private async fixedRow(element: ElementKind, id: string): Promise<StateRow | undefined> {
    const place = await this.database.ask(() => this.source.resolve())
    return isLaid(place) ? this.laidRow(element, place, id) : pointRow(this.database, element, place, id)
  }

  private async laidRow(element: ElementKind, place: Place, id: string): Promise<StateRow | undefined> {
    const row = await pointRow(this.database, element, place, id)
    return (await this.stood(place)) ? row : this.at((found) => pointRowAt(element, found, id))
  }

  /** Whether a place that was kept still held when it was used. */
  private stood(place: Place): boolean | Promise<boolean> {
    return !isLaid(place) || this.lanes.isHeld || this.lanes.confirm()
  }

  /** What tells the pages of a question from others: the question, and the moment of what is valid. */
  asked({ hash }: { hash: string }): string {
    const { validAt } = this.source
    return validAt === undefined ? hash : `${hash} ${validAt}`
  }

  /** A reader of another source. */
  of(source: Source): Reader {
    return new Reader(this.database, source, this.lanes)
  }

  /** A reader of the version that this one would read now. */
  async pinned(): Promise<Reader> {
    const { source } = this
    const sequence = await this.at((place) => sequenceOf(place))
    const resolveAt = (one: number) => source.resolveAt(one)
    const resolveCursor = (one: number) => source.resolveCursor(one)
    return this.of({ known: undefined, resolve: () => resolveAt(sequence), resolveAt, resolveCursor })
  }
}
