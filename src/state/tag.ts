/** Tags: which strings in `metadata.tags` are tags. */
import type { Entity } from '../model/entity.js'

const maxTagBytes = 512

/** The tags of an entity: the distinct strings of at most 512 bytes in the array `metadata.tags`. */
export function tagsOf(entity: Entity): Set<string> {
  const tags = Object.hasOwn(entity.metadata, 'tags') ? entity.metadata.tags : undefined
  if (!Array.isArray(tags)) return none
  return new Set(tags.filter((tag): tag is string => typeof tag === 'string' && Buffer.byteLength(tag) <= maxTagBytes))
}

const none: Set<string> = new Set()
