/** Versions, as the API returns them. */

/** An immutable point in history. It is the receipt of its commit too. */
export interface Version {
  versionId: string
  /** The first parent, or null for a root. */
  parentVersionId: string | null
  /** All parents, the first parent first. */
  parents: string[]
  /** The place of the version in the universe: 1, 2, 3 …, dense, one counter for all branches. */
  sequence: number
  /** Milliseconds since the Unix epoch. */
  timestamp: number
  description: string
  owner: string
  /** 64 hex digits: the checksum of the state, equal for equal content. */
  dataHash: string
  /** 64 hex digits: SHA-256 over everything that makes the version and its parents' hashes. */
  versionHash: string
}
