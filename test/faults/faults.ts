// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is replaced is the text of a template.
/**
 * The faults that the laws must find, each one small replacement in one file of the product.
 *
 * A fault that still stands there once, and is still found, is what makes a law worth believing. Where
 * the code changes, the text to replace follows it; where a fault becomes harmless, it goes.
 */

export interface Fault {
  name: string
  file: string
  /** Stands in the file exactly once. */
  replace: string
  by: string
  /** The test that finds it. */
  foundBy: Law
}

export interface Law {
  file: string
  title: string
}

const views = law('views', 'answer as the model does: the head after every step, and every version for ever')
export const longHistories = law('long', 'are read as well where a state stood for hundreds of versions')
const states = law('states', 'read through the indexes and replayed from deltas are the same, at every version')
const hashes = law('states', 'have one hash for one content, and another for any other')
const histories = law('changes', 'of every id are told by its history, up to any version')
const diffs = law('changes', 'between any two versions are their diff, and lead from one to the other')
const cursors = law('cursors', 'read one state, whatever is committed between the pages')
const questions = law('cursors', 'belong to their question, and on a fixed view to its version')
const filters = law('filters', 'on metadata keep what the model keeps, at any version')
const orders = {
  file: 'test/graph/metadata.test.ts',
  title: 'order strings by their UTF-8 bytes and numbers by their value, to the last bit',
}
const validity = law('validity', 'shows what is valid at a moment, whatever is asked of any version')
const streams = law('streams', 'carry a whole universe: equal hashes, equal answers')
const clocks = law('streams', 'bring histories whose clocks ran back, and they are read by sequence')
const drafts = law('drafts', 'show their own writes, and beside them the version they stand on')
const retries = law('retries', 'that are taken are refused for any other commit, and nothing is written')
const patches = law('patches', 'merge at every level, and remove where they say null')
const batches = law('batches', 'of an import join without a seam: equal records, equal answers')
const settled = law(
  'schema',
  'record what their validators return, whatever is written, and a stream of it passes them',
)
const refused = law('schema', 'refuse all that their validators refuse: what stands has passed them')
const walks = law('walks', 'over webs lead where the model says, at every version of every lane')
const merges = law('merges', 'and reverts lead where the model says, whatever they bring together')
const previews = law('merges', 'previewed between any two versions are as the model has them, with any base')
const crossings = law('merges', 'are crossed by diffs that lead from any version to any other')
const undoings = law('merges', 'and all else are undone by a revert, if nothing came later')
const lanes = lanesTest('show every version as a replay of its first parents does, whatever is asked')
const laneHistories = lanesTest('tell the history of an id along first parents, over every fork')

const snapshots = law(
  'snapshots',
  'lead a replay to what was there, at every version of any history, and pass verification',
)
const snapshotsOfLanes = {
  file: 'test/state/snapshot.test.ts',
  title: 'lead a replay to the state that the indexes show, from whichever lane, at every version',
}
const snapshotsDue = {
  file: 'test/state/snapshot.test.ts',
  title: 'of a graph that only grows are none: its state is as large as its deltas',
}
const receipts = proof('proves a receipt: that very version is still there')
const undone = proof('holds one state, and takes back what a lane changed of it before it goes on')

const trees = treesTest('gives every version its state, its descent and its hash')
const shallow = treesTest('keeps lineages shallow where every version begins a line of its own')
const names = treesTest('are made, and move forward')
const branches = {
  file: 'test/history/branch.test.ts',
  title: 'shares its lane until two go on from the same version',
}
const rebuildsElsewhere = rebuildsTest('by another process is seen by views that are held')

export const faults: readonly Fault[] = [
  // Where an interval begins and ends.
  {
    name: 'set-begins-late',
    file: 'queries/standing.ts',
    replace: 'and s.from_sequence <= ${given.trunk} and ${key}',
    by: 'and s.from_sequence < ${given.trunk} and ${key}',
    foundBy: views,
  },
  {
    name: 'head-row-begins-late',
    file: 'queries/standing.ts',
    replace: 'head: sql`${head} and s.from_sequence <= ${given.trunk}',
    by: 'head: sql`${head} and s.from_sequence < ${given.trunk}',
    foundBy: views,
  },
  {
    name: 'point-begins-late',
    file: 'queries/point.ts',
    replace: "bound: sql.ref('wanted.trunk')",
    by: 'bound: sql`wanted.trunk - 1`',
    foundBy: views,
  },
  {
    name: 'set-ends-late',
    file: 'queries/standing.ts',
    replace: 'and s.to_sequence > ${given.trunk} and s.to_sequence',
    by: 'and s.to_sequence >= ${given.trunk} and s.to_sequence',
    foundBy: views,
  },
  {
    name: 'point-ends-late',
    file: 'queries/point.ts',
    replace: 'where past.to_sequence > wanted.trunk',
    by: 'where past.to_sequence >= wanted.trunk',
    foundBy: views,
  },
  {
    name: 'known-id-ends-late',
    file: 'queries/standing.ts',
    replace: 'past}.to_sequence`)} > ${given.trunk})`',
    by: 'past}.to_sequence`)} >= ${given.trunk})`',
    foundBy: views,
  },
  {
    name: 'ended-state-ends-late',
    file: 'queries/trunk.ts',
    replace: 'where past.to_sequence > ${given.trunk}',
    by: 'where past.to_sequence >= ${given.trunk}',
    foundBy: diffs,
  },
  {
    name: 'kept-state-begins-early',
    file: 'queries/trunk.ts',
    replace: 'where head.id = wanted.value and head.from_sequence <= ${given.trunk}',
    by: 'where head.id = wanted.value',
    foundBy: crossings,
  },
  {
    name: 'tag-ends-late',
    file: 'queries/tag.ts',
    replace: 'and s.to_sequence > ${given.trunk}${hidden}`',
    by: 'and s.to_sequence >= ${given.trunk}${hidden}`',
    foundBy: views,
  },
  {
    name: 'past-looked-at-alone',
    file: 'queries/point.ts',
    replace: 'pastFirst: onTrunk((dialect) => [past(dialect), upTo])',
    by: 'pastFirst: onTrunk((dialect) => [past(dialect)])',
    foundBy: views,
  },
  {
    name: 'few-neighbours-unsorted',
    file: 'src/graph/neighbour.ts',
    replace: 'return inOrderOfIds(rows, ([relation]) => relation as string).map(',
    by: 'return rows.map(',
    foundBy: views,
  },
  {
    name: 'full-page-of-any-neighbours',
    file: 'src/graph/neighbour.ts',
    replace: 'rows.length <= limit) return',
    by: 'rows.length <= limit + 1) return',
    foundBy: views,
  },
  // Span classes.
  {
    name: 'span-one-class-low',
    file: 'src/state/span.ts',
    replace: 'return span\n',
    by: 'return Math.max(0, span - 1)\n',
    foundBy: views,
  },
  {
    name: 'window-one-too-narrow',
    file: 'queries/standing.ts',
    replace: '${8 ** (k + 1)}, ',
    by: '${8 ** (k + 1) - 1}, ',
    foundBy: views,
  },
  {
    name: 'window-narrow-for-long-lives',
    file: 'queries/standing.ts',
    replace: '${8 ** (k + 1)}, ',
    by: '${8 ** Math.min(k + 1, 2)}, ',
    foundBy: longHistories,
  },
  // What a commit writes.
  {
    name: 'deletion-leaves-no-history',
    file: 'src/state/trunk.ts',
    replace: 'if (change.before) this.entityHistory.push',
    by: 'if (change.before && change.after) this.entityHistory.push',
    foundBy: views,
  },
  {
    name: 'tag-not-closed',
    file: 'src/state/trunk/tags.ts',
    replace: 'yield* each(deleteTag, stored)\n',
    by: '\n',
    foundBy: views,
  },
  {
    name: 'recreated-row-updated',
    file: 'src/state/trunk.ts',
    replace: 'return a.createdAt === b.createdAt && sameLife(a, b)',
    by: 'return sameLife(a, b)',
    foundBy: streams,
  },
  {
    name: 'created-at-not-kept',
    file: 'src/state/apply.ts',
    replace: 'return sameLife(before, after) ? { ...after, createdAt: before.createdAt } : after',
    by: 'return after',
    foundBy: views,
  },
  {
    name: 'created-at-kept-of-another-life',
    file: 'src/state/apply.ts',
    replace: 'return sameLife(before, after) ? { ...after, createdAt: before.createdAt } : after',
    by: 'return { ...after, createdAt: before.createdAt }',
    foundBy: views,
  },
  {
    name: 'no-op-touches-updated-at',
    file: 'src/state/apply.ts',
    replace: 'if (sameContent(before, after)) return unchanged',
    by: 'if (sameContent(before, after)) return { ...after, createdAt: before.createdAt }',
    foundBy: states,
  },
  {
    name: 'no-op-enters-history',
    file: 'src/state/apply.ts',
    replace: 'if (sameContent(before, after)) return unchanged',
    by: 'if (sameContent(before, after)) return before',
    foundBy: histories,
  },
  {
    name: 'cascade-in-reverse',
    file: 'src/state/apply.ts',
    replace: 'relations.sort(compareIds)',
    by: 'relations.sort(compareIds).reverse()',
    foundBy: states,
  },
  {
    name: 'retry-ignores-operations',
    file: 'src/history/commit.ts',
    replace: 'row.operations_hash === operationsHash(textsOf(operations))',
    by: 'row !== undefined',
    foundBy: retries,
  },
  // What is hashed and compared.
  {
    name: 'hash-without-type',
    file: 'src/state/hash.ts',
    replace: '${JSON.stringify(element.entityType)},',
    by: '',
    foundBy: hashes,
  },
  {
    name: 'hash-loses-carry',
    file: 'src/state/hash.ts',
    replace: 'carry = sum > 0xffffffff ? 1 : 0',
    by: 'carry = 0',
    foundBy: hashes,
  },
  {
    name: 'ids-by-utf-16',
    file: 'src/model/id.ts',
    replace: '? unit + 0x10000 : unit',
    by: '? unit : unit',
    foundBy: diffs,
  },
  {
    name: 'diff-ignores-validity',
    file: 'src/history/diff.ts',
    replace: '!sameContent(was, now)',
    by: '!sameContent({ ...was, validFrom: now.validFrom, validTo: now.validTo } as E, now)',
    foundBy: diffs,
  },
  {
    name: 'diff-range-one-short',
    file: 'src/history/diff.ts',
    replace: 'after: Math.min(x.to, y.to)',
    by: 'after: Math.min(x.to, y.to) + 1',
    foundBy: diffs,
  },
  {
    name: 'diff-forgets-recreation',
    file: 'src/history/diff.ts',
    replace: "else life.ends = op.startsWith('delete')",
    by: "else if (op.startsWith('delete')) life.ends = true",
    foundBy: diffs,
  },
  {
    name: 'diff-forgets-what-stands',
    file: 'src/history/diff.ts',
    replace: 'const others = ids.filter((id) => !found.has(id))',
    by: 'const others: string[] = []',
    foundBy: diffs,
  },
  {
    name: 'diff-backward-as-forward',
    file: 'src/history/diff.ts',
    replace: 'const later = { isFirst: isBackward, isLast: isForward }',
    by: 'const later = { isFirst: isForward, isLast: isForward }',
    foundBy: diffs,
  },
  // What a schema is asked, and what is recorded of its answer.
  {
    name: 'schema-output-not-recorded',
    file: 'src/state/apply.ts',
    replace: 'changesBetween(element.metadata, output)',
    by: '[]',
    foundBy: settled,
  },
  {
    name: 'schema-spares-updates',
    file: 'src/graph/rules.ts',
    replace: '(writing.isNew ? entity.metadata : this.entity(entity, writing))',
    by: '(writing.isNew ? this.entity(entity, writing) : entity.metadata)',
    foundBy: refused,
  },
  {
    name: 'schema-validates-creations-late',
    file: 'src/graph/rules.ts',
    replace: 'return { ...operation, metadata: this.output(validator, operation.metadata, facts) }',
    by: 'return operation',
    foundBy: refused,
  },
  {
    name: 'net-operations-leave-relations',
    file: 'src/history/net.ts',
    replace: 'operationsOf(diff, yield* relationsTouching(before, ids), yield* relationsTouching(after, ids))',
    by: 'operationsOf(diff, [], [])',
    foundBy: diffs,
  },
  // Metadata.
  {
    name: 'patch-keeps-null',
    file: 'src/state/change.ts',
    replace: 'if (value === null) delete result[key]',
    by: 'if (value === null) result[key] = null',
    foundBy: states,
  },
  {
    name: 'patch-replaces-nested',
    file: 'src/state/change.ts',
    replace: 'this.patch(Object.hasOwn(result, key) ? result[key] : undefined, value)',
    by: 'this.patch(undefined, value)',
    foundBy: patches,
  },
  {
    name: 'null-dropped',
    file: 'src/model/json.ts',
    replace: 'if (value === undefined) continue',
    by: 'if (value === undefined || value === null) continue',
    foundBy: states,
  },
  {
    name: 'tag-bytes-counted-as-units',
    file: 'src/state/tag.ts',
    replace: 'Buffer.byteLength(tag) <= maxTagBytes',
    by: 'tag.length <= maxTagBytes',
    foundBy: views,
  },
  // What a view answers.
  {
    name: 'neighbour-of-today',
    file: 'queries/relation.ts',
    replace: "element: 'entity', place, given, id: sql.ref('r.other')",
    by: "element: 'entity', place: 'head', given, id: sql.ref('r.other')",
    foundBy: views,
  },
  {
    name: 'self-loop-twice',
    file: 'queries/relation.ts',
    replace: '[sql`s.from_entity <> ${given.id}`]',
    by: '[]',
    foundBy: views,
  },
  {
    name: 'self-loop-listed-twice',
    file: 'queries/list.ts',
    replace: 'sql`s.from_entity <> ${given.touching}`',
    by: 'sql`true`',
    foundBy: views,
  },
  {
    name: 'list-page-loses-ties',
    file: 'queries/list.ts',
    replace: 's.id) ${beyond} (${given.afterSort}, ${given.afterId})`',
    by: "s.id) ${beyond} (${given.afterSort}, ${shape.descending ? sql`''` : sql`'\\u{10FFFF}'`})`",
    foundBy: views,
  },
  {
    name: 'cursor-reads-head',
    file: 'src/graph/source.ts',
    replace: 'if (sequence === 0) return emptyPlace',
    by: 'if (isMain) return headPlace',
    foundBy: cursors,
  },
  {
    name: 'deletion-missed-in-history',
    file: 'src/history/history.ts',
    replace: 'ended <= bound && laneId',
    by: 'ended < bound && laneId',
    foundBy: histories,
  },
  {
    name: 'recreation-missed-in-history',
    file: 'src/history/history.ts',
    replace: '(next === undefined || next[4] !== ended)',
    by: 'next === undefined',
    foundBy: histories,
  },
  {
    name: 'draft-keeps-relations-of-deleted',
    file: 'src/history/drafted.ts',
    replace: 'relation?.from === operation.id || relation?.to === operation.id',
    by: 'relation?.from === operation.id',
    foundBy: drafts,
  },
  // Filters on metadata.
  {
    name: 'metadata-of-today',
    file: 'queries/list.ts',
    replace: 'const column = (name: string) => sql.ref(`s.${name}`)',
    by: "const column = (name: string) => name === 'metadata' ? sql`coalesce((select now.metadata from ${sql.ref(element)} as now where now.id = s.id), s.metadata)` : sql.ref(`s.${name}`)",
    foundBy: filters,
  },
  {
    name: 'true-equals-1',
    file: 'queries/metadata/sqlite.ts',
    replace: 'eq: (value, wanted) => sql`${value} = ${wanted}`',
    by: "eq: (value, wanted) => sql`(${value} ->> '$') = (${wanted} ->> '$')`",
    foundBy: filters,
  },
  {
    name: 'missing-equals-null',
    file: 'queries/metadata/sqlite.ts',
    replace: 'eq: (value, wanted) => sql`${value} = ${wanted}`',
    by: "eq: (value, wanted) => sql`coalesce(${value}, 'null') = ${wanted}`",
    foundBy: filters,
  },
  {
    name: 'missing-is-not-unequal',
    file: 'queries/metadata/sqlite.ts',
    replace: '${value} is not ${wanted}',
    by: '${value} <> ${wanted}',
    foundBy: filters,
  },
  {
    name: 'missing-is-in-what-is-not-listed',
    file: 'queries/metadata/sqlite.ts',
    replace: '(${value} is null or ${value} not in ${listed(wanted)})',
    by: '(${value} not in ${listed(wanted)})',
    foundBy: filters,
  },
  {
    name: 'order-of-anything-with-numbers',
    file: 'queries/metadata/sqlite.ts',
    replace: '(${isNumber(value)} and ${numberOf(value)}',
    by: '(${value} is not null and ${numberOf(value)}',
    foundBy: filters,
  },
  {
    name: 'order-of-json-text',
    file: 'queries/metadata/sqlite.ts',
    replace: '(${isText(value)} and ${textOf(value)} ${sql.raw(operator)} ${wanted})',
    by: '(${isText(value)} and ${value} ${sql.raw(operator)} json_quote(${wanted}))',
    foundBy: orders,
  },
  {
    name: 'contains-part-of-a-member',
    file: 'queries/metadata/sqlite.ts',
    replace: "member.type = 'text' and member.value = ${wanted}",
    by: "member.type = 'text' and instr(member.value, ${wanted}) > 0",
    foundBy: filters,
  },
  {
    name: 'index-taken-for-a-key',
    file: 'queries/metadata.ts',
    replace: 'if (!index.test(token)) {',
    by: 'if (token !== undefined) {',
    foundBy: filters,
  },
  {
    name: 'only-the-first-index-forks',
    file: 'queries/metadata.ts',
    replace: '} else steps.push([`$[${token}]`, `$${key}`])',
    by: '} else last[0] += `[${token}]`',
    foundBy: filters,
  },
  {
    name: 'third-test-dropped',
    file: 'queries/metadata.ts',
    replace: 'if (!shape.more) return conditions',
    by: 'if (shape.tests.length > 0) return conditions',
    foundBy: filters,
  },
  // Valid time.
  {
    name: 'valid-to-included',
    file: 'queries/standing.ts',
    replace: '${to} > ${given.validAt}',
    by: '${to} >= ${given.validAt}',
    foundBy: validity,
  },
  {
    name: 'valid-from-excluded',
    file: 'queries/standing.ts',
    replace: '${from} <= ${given.validAt}',
    by: '${from} < ${given.validAt}',
    foundBy: validity,
  },
  {
    name: 'relation-shown-without-its-start',
    file: 'queries/standing.ts',
    replace: "${own} and ${valid('from_entity')} and ${valid('to_entity')}",
    by: "${own} and ${valid('to_entity')}",
    foundBy: validity,
  },
  {
    name: 'end-valid-today',
    file: 'queries/standing.ts',
    replace: "stateOf({ dialect, element: 'entity', place, given, id, prefix",
    by: "stateOf({ dialect, element: 'entity', place: 'head valid', given, id, prefix",
    foundBy: validity,
  },
  {
    name: 'tag-whatever-is-valid',
    file: 'queries/tag.ts',
    replace: 'if (place === facts.place) return tagged',
    by: 'if (place) return tagged',
    foundBy: validity,
  },
  {
    name: 'moment-forgotten-between-pages',
    file: 'src/graph/source.ts',
    replace: 'return valid(yield* whole.resolveCursor(sequence))',
    by: 'return yield* whole.resolveCursor(sequence)',
    foundBy: cursors,
  },
  {
    name: 'cursor-of-another-moment',
    file: 'src/graph/reader.ts',
    replace: 'return validAt === undefined ? hash : `${hash} ${validAt}`',
    by: 'return validAt === undefined ? hash : `${hash} `',
    foundBy: questions,
  },
  {
    name: 'lane-end-whatever-is-valid',
    file: 'queries/standing.ts',
    replace: 'return { ...state, alive: sql`(${state.alive} and ${validThen(facts, state.column, facts.prefix)})` }',
    by: "return stateShapeOf(facts.place) === 'lineage' ? state : { ...state, alive: sql`(${state.alive} and ${validThen(facts, state.column, facts.prefix)})` }",
    foundBy: lanes,
  },
  // Walks along relations.
  {
    name: 'hop-of-today',
    file: 'queries/hop.ts',
    replace: "element: 'relation',\n    place,",
    by: "element: 'relation',\n    place: 'head',",
    foundBy: walks,
  },
  {
    name: 'hop-ignores-its-types',
    file: 'queries/hop.ts',
    replace: "facts.relationTypes === 'many' ?",
    by: "facts.relationTypes === 'many' && false ?",
    foundBy: walks,
  },
  {
    name: 'type-dropped-where-hops-are-alike',
    file: 'src/graph/step.ts',
    replace: 'if (types?.length === 1) given[`type_${position}`] = types[0]',
    by: "if (types?.length === 1) given[`type_${position}`] = (steps.find((one) => 'hop' in one && one.types?.length === 1) as typeof step).types?.[0]",
    foundBy: walks,
  },
  {
    name: 'both-ways-is-out',
    file: 'queries/hop.ts',
    replace: 'return [...out(), ...into(facts.once ?? false)]',
    by: 'return out()',
    foundBy: walks,
  },
  {
    name: 'filter-of-a-step-reads-today',
    file: 'queries/traverse.ts',
    replace: "const state = stateOf({ dialect, element: 'entity', place, given, id })",
    by: "const state = stateOf({ dialect, element: 'entity', place: 'head', given, id })",
    foundBy: walks,
  },
  {
    name: 'filter-of-a-step-without-its-metadata',
    file: 'queries/traverse.ts',
    replace: 'shape: filter, given: own',
    by: 'shape: { conditions: filter.conditions }, given: own',
    foundBy: walks,
  },
  {
    name: 'moment-forgotten-in-a-traversal',
    file: 'src/graph/traverse.ts',
    replace: 'return Object.assign(this.steps.given, place)',
    by: 'return Object.assign(this.steps.given, { trunk: place.trunk, lineage: place.lineage, validAt: 0 })',
    foundBy: walks,
  },
  {
    name: 'traversal-ends-at-today',
    file: 'queries/traverse.ts',
    replace: "const state = stateOf({ dialect, element: 'entity', place, given, id: sql.ref('wanted.id') })",
    by: "const state = stateOf({ dialect, element: 'entity', place: 'head', given, id: sql.ref('wanted.id') })",
    foundBy: walks,
  },
  {
    name: 'alike-steps-applied-once',
    file: 'src/graph/step.ts',
    replace: "for (const place of places) text[place] = '1'",
    by: "text[places[0] as number] = '1'",
    foundBy: walks,
  },
  {
    name: 'tag-of-a-step-or-a-later-one',
    file: 'queries/condition.ts',
    replace: 'member.value = ${tag}))`',
    by: 'member.value >= ${tag}))`',
    foundBy: walks,
  },
  {
    name: 'paths-one-short',
    file: 'src/graph/traverse.ts',
    replace: 'Math.min(limit * (last + 1)',
    by: 'Math.min(limit * last',
    foundBy: walks,
  },
  {
    name: 'paths-by-entity',
    file: 'queries/traverse.ts',
    replace: 'order by 1 desc, 2, 3 limit',
    by: 'order by 1 desc, 3, 2 limit',
    foundBy: walks,
  },
  {
    name: 'paths-from-any-step-before',
    file: 'queries/traverse.ts',
    replace: 'edge.step = lead.step - 1',
    by: 'edge.step < lead.step',
    foundBy: walks,
  },
  {
    name: 'reachable-one-too-deep',
    file: 'src/graph/reach.ts',
    replace: 'levels.length < walk.maxDepth',
    by: 'levels.length <= walk.maxDepth',
    foundBy: walks,
  },
  {
    name: 'reachable-depth-from-zero',
    file: 'src/graph/reach.ts',
    replace: 'reached.push({ id: one, depth })',
    by: 'reached.push({ id: one, depth: depth - 1 })',
    foundBy: walks,
  },
  {
    name: 'one-entity-more-than-may-be',
    file: 'src/graph/walk.ts',
    replace: 'if (count > maxEntities) {',
    by: 'if (count > maxEntities + 1) {',
    foundBy: walks,
  },
  {
    name: 'budget-cuts-instead-of-throwing',
    file: 'src/graph/reach.ts',
    replace: 'limit: Number.isFinite(most) ? most + 1 : -1',
    by: 'limit: Number.isFinite(most) ? most : -1',
    foundBy: walks,
  },
  {
    name: 'path-met-too-late',
    file: 'src/graph/path.ts',
    replace: 'const meeting = start.edge.find((id) => goal.parents.has(id))',
    by: 'const meeting = start.edge.find((id) => goal.parents.has(id) && (id !== to || start.edge.length > 2))',
    foundBy: walks,
  },
  {
    name: 'path-one-too-long',
    file: 'src/graph/path.ts',
    replace: 'start.depth + goal.depth < walk.maxDepth',
    by: 'start.depth + goal.depth <= walk.maxDepth',
    foundBy: walks,
  },
  {
    name: 'path-ties-the-other-way',
    file: 'src/graph/path.ts',
    replace: 'const byPath = (a: Found, b: Found) => a.position - b.position || compareIds(a.id, b.id)',
    by: 'const byPath = (a: Found, b: Found) => b.position - a.position || compareIds(b.id, a.id)',
    foundBy: walks,
  },
  {
    name: 'path-by-any-relation',
    file: 'queries/reach.ts',
    replace: 'select position, min(id) as id from',
    by: 'select position, max(id) as id from',
    foundBy: walks,
  },
  {
    name: 'path-back-the-same-way',
    file: 'src/graph/path.ts',
    replace: "const reversed = { out: 'in', in: 'out', both: 'both' } as const",
    by: "const reversed = { out: 'out', in: 'out', both: 'both' } as const",
    foundBy: walks,
  },
  {
    name: 'subgraph-with-one-end',
    file: 'src/graph/subgraph.ts',
    replace: 'if (entities.has(to)) ids.push(id)',
    by: 'if (to) ids.push(id)',
    foundBy: walks,
  },
  // Time and streams.
  {
    name: 'late-against-parent-only',
    file: 'src/state/lanes.ts',
    replace: 'end.latest = Math.max(end.latest, timestamp)',
    by: 'end.latest = timestamp',
    foundBy: clocks,
  },
  {
    name: 'late-taken-for-ordinary',
    file: 'src/history/append/rows.ts',
    replace: 'late: late ? 1 : 0',
    by: 'late: 0',
    foundBy: clocks,
  },
  {
    name: 'late-before-ordinary',
    file: 'src/state/moment.ts',
    replace: 'after: ordinary?.sequence ?? 0',
    by: 'after: 0',
    foundBy: clocks,
  },
  {
    name: 'import-drops-last-record',
    file: 'src/stream/import.ts',
    replace: 'const records = batch\n',
    by: 'const records = batch.slice(0, -1)\n',
    foundBy: streams,
  },
  {
    name: 'full-import-batch-drops-last-record',
    file: 'src/stream/import.ts',
    replace: 'const records = batch\n',
    by: 'const records = batch.length < batchVersions ? batch : batch.slice(0, -1)\n',
    foundBy: batches,
  },
  // Lanes.
  {
    name: 'lane-deletion-mark-ignored',
    file: 'src/history/history.ts',
    replace: 'state: metadata === null ? undefined : state',
    by: 'state',
    foundBy: laneHistories,
  },
  {
    name: 'lane-begins-late',
    file: 'queries/standing.ts',
    replace: 'and s.from_sequence <= lane.bound and s.metadata',
    by: 'and s.from_sequence < lane.bound and s.metadata',
    foundBy: lanes,
  },
  {
    name: 'lane-row-not-closed',
    file: 'src/state/lane.ts',
    replace: 'yield* each(closeEntityHistory, this.closings(this.entities, entities))\n',
    by: '\n',
    foundBy: lanes,
  },
  {
    name: 'lane-farthest-decides',
    file: 'queries/standing.ts',
    replace: 'min(lane.position)',
    by: 'max(lane.position)',
    foundBy: lanes,
  },
  {
    name: 'lane-tag-not-closed',
    file: 'src/state/lane.ts',
    replace: 'else closed.set(pair(tag, id), from)',
    by: 'else if (row) closed.set(pair(tag, id), from)',
    foundBy: lanes,
  },
  // Merges and reverts.
  {
    name: 'merge-of-the-oldest-base',
    file: 'src/history/merge.ts',
    replace: 'const [best] = yield* mergeBasesOf({ version: ours.versionId }, { version: theirs.versionId })',
    by: 'const best = (yield* mergeBasesOf({ version: ours.versionId }, { version: theirs.versionId })).at(-1)',
    foundBy: merges,
  },
  {
    name: 'merge-ignores-ends',
    file: 'src/history/merge/three-way.ts',
    replace: '  holdEnds(sides, merged)\n',
    by: '\n',
    foundBy: merges,
  },
  {
    name: 'merge-of-validity-as-two-keys',
    file: 'src/history/merge/three-way.ts',
    replace: 'sameBounds(was, here) ? there : here)',
    by: '{ ...here, ...(was.validTo === here.validTo && there.validTo !== undefined && { validTo: there.validTo }) })',
    foundBy: merges,
  },
  {
    name: 'merge-leaves-conflicts-at-base',
    file: 'src/history/merge/three-way.ts',
    replace: 'const value = sameValue(was, here) ? there : here',
    by: 'const value = sameValue(was, here) ? there : isSettled ? here : was',
    foundBy: previews,
  },
  {
    name: 'merge-prefers-deletions',
    file: 'src/history/merge/three-way.ts',
    replace: 'else if (isAlike(base, ours)) merged',
    by: 'else if (isAlike(base, ours) || theirs === undefined) merged',
    foundBy: merges,
  },
  {
    name: 'merge-of-other-lives-by-key',
    file: 'src/history/merge/three-way.ts',
    replace: '&& sameLife(base, ours) && sameLife(base, theirs)',
    by: '&& sameLife(base, ours)',
    foundBy: previews,
  },
  {
    name: 'merge-brings-no-end-back',
    file: 'src/history/merge/ends.ts',
    replace: 'if (!stands(end)) bringBack(end)',
    by: 'if (!stands(end)) break',
    foundBy: merges,
  },
  {
    name: 'merge-takes-no-relation-along',
    file: 'src/history/merge/outcome.ts',
    replace: 'const taken = around.relations.filter(isTouching)',
    by: 'const taken = around.relations.filter(() => false)',
    foundBy: previews,
  },
  {
    name: 'merge-looks-at-entities-of-theirs-alone',
    file: 'src/history/merge/sides.ts',
    replace: '[...here.entities.keys(), ...there.entities.keys()]',
    by: 'there.entities',
    foundBy: merges,
  },
  {
    name: 'merge-forgets-fast-forwards',
    file: 'src/history/merge.ts',
    replace: 'base?.versionId === theirs.versionId)',
    by: '(base?.versionId === theirs.versionId || base?.versionId === ours.versionId))',
    foundBy: merges,
  },
  {
    name: 'revert-of-a-merge-to-its-last-parent',
    file: 'src/history/revert.ts',
    replace: 'const parent = last.parentVersionId',
    by: 'const parent = last.parents.at(-1) ?? null',
    foundBy: undoings,
  },
  {
    name: 'revert-leaves-the-last-version',
    file: 'src/history/revert.ts',
    replace: 'const sides = { base: last, ours, theirs: before }',
    by: 'const sides = { base: before, ours, theirs: before }',
    foundBy: undoings,
  },
  {
    name: 'diff-of-the-newer-side-alone',
    file: 'src/history/diff.ts',
    replace: '[...left.slice(common), ...right.slice(common)]',
    by: '[...(a.sequence > b.sequence ? left : right).slice(common)]',
    foundBy: crossings,
  },
  // Snapshots and proof.
  {
    name: 'snapshot-of-the-version-before',
    file: 'src/state/snapshot/read.ts',
    replace: 'return { sequence: found.sequence, graph }',
    by: 'return { sequence: found.sequence + 1, graph }',
    foundBy: snapshots,
  },
  {
    name: 'snapshot-chunks-out-of-order',
    file: 'src/state/snapshot/write.ts',
    replace: "['entity', 'entities'],\n    ['relation', 'relations'],",
    by: "['relation', 'relations'],\n    ['entity', 'entities'],",
    foundBy: snapshots,
  },
  {
    name: 'snapshot-without-the-end-of-validity',
    file: 'src/state/snapshot/format.ts',
    replace: '${row[6]},${row[7]}]`',
    by: '${row[6]},null]`',
    foundBy: snapshots,
  },
  {
    name: 'snapshot-forgets-since-when',
    file: 'src/state/snapshot/format.ts',
    replace: '${json},${row[7]},${row[8]},${row[9]}]`',
    by: '${json},0,${row[8]},${row[9]}]`',
    foundBy: snapshots,
  },
  {
    name: 'snapshot-past-the-fork',
    file: 'src/state/snapshot/read.ts',
    replace: 'for (let most = bound; ; ) {',
    by: 'for (let most = Number.MAX_SAFE_INTEGER; ; ) {',
    foundBy: snapshotsOfLanes,
  },
  {
    name: 'snapshot-at-every-look',
    file: 'src/state/snapshot.ts',
    replace: 'if (living >= bytes) {',
    by: 'if (living < 0) {',
    foundBy: snapshotsDue,
  },
  {
    name: 'receipt-looks-at-the-id-alone',
    file: 'src/history/verify/receipt.ts',
    replace: 'said !== undefined && actual !== said',
    by: "name === 'versionId' && actual !== said",
    foundBy: receipts,
  },
  {
    name: 'lane-not-taken-back',
    file: 'src/history/verify/walk.ts',
    replace: '  undo.restore(under.graph)\n',
    by: '',
    foundBy: undone,
  },
  {
    name: 'lane-taken-back-to-its-last-change',
    file: 'src/history/verify/undo.ts',
    replace: 'if (!this.entities.has(change.id)) this.entities.set',
    by: 'this.entities.set',
    foundBy: undone,
  },
  // Version trees, branches, lanes laid anew.
  {
    name: 'lane-forks-one-late',
    file: 'src/state/lanes.ts',
    replace: 'return this.open(parent.laneId, parent.sequence)',
    by: 'return this.open(parent.laneId, parent.sequence + 1)',
    foundBy: names,
  },
  {
    name: 'lane-continued-twice',
    file: 'src/state/lanes.ts',
    replace: 'parent.laneId !== trunkLane && this.end(parent.laneId).last === parent.sequence',
    by: 'parent.laneId !== trunkLane',
    foundBy: branches,
  },
  {
    name: 'lane-continued-by-the-lightest',
    file: 'src/state/shape.ts',
    replace: '(weights[at] as number) > (weights[known] as number)',
    by: '(weights[at] as number) < (weights[known] as number)',
    foundBy: shallow,
  },
  {
    name: 'lane-tags-of-the-parent-taken-for-its-own',
    file: 'src/state/lane.ts',
    replace: 'const old = before && isOwn ? tagsOf',
    by: 'const old = before ? tagsOf',
    foundBy: trees,
  },
  {
    name: 'longest-chain-that-ends-first',
    file: 'src/state/shape.ts',
    replace: '(lengths[at] as number) >= (lengths[end] as number)',
    by: '(lengths[at] as number) > (lengths[end] as number)',
    foundBy: treesTest('have main follow the chain that ends later, where two are as long'),
  },
  {
    name: 'main-left-behind',
    file: 'src/stream/batch.ts',
    replace: 'if (laneId === trunkLane) main.at =',
    by: 'if (laneId === trunkLane && main.at === undefined) main.at =',
    foundBy: treesTest('has main on the longest chain, and no lineage deeper than its logarithm'),
  },
  {
    name: 'name-not-moved',
    file: 'src/stream/batch.ts',
    replace: 'known.at = at\n',
    by: '\n',
    foundBy: names,
  },
  {
    name: 'further-parents-forgotten',
    file: 'src/history/append/rows.ts',
    replace: 'version.parents.slice(1)',
    by: 'version.parents.slice(2)',
    foundBy: trees,
  },
  {
    name: 'merge-bases-below-merge-bases',
    file: 'src/history/merge-bases.ts',
    replace: 'if (flags === fromBoth) found.push(id)',
    by: 'if ((flags & fromBoth) === fromBoth) found.push(id)',
    foundBy: trees,
  },
  {
    name: 'merge-base-passed-by',
    file: 'src/history/merge-bases.ts',
    replace: 'return ofBoth > 0 || (ofA > 0 && ofB > 0)',
    by: 'return ofA > 0 && ofB > 0',
    foundBy: trees,
  },
  {
    name: 'branch-kept-on-its-old-lane',
    file: 'src/state/place.ts',
    replace: 'if (kept === undefined || kept.lanes[0]?.laneId !== laneId)',
    by: 'if (kept === undefined || kept.lanes.length === 0)',
    foundBy: branches,
  },
  {
    name: 'place-kept-over-a-rebuild',
    file: 'src/graph/source.ts',
    replace: 'return laid === lanes?.number ? place : undefined',
    by: 'return place',
    foundBy: rebuildsElsewhere,
  },
  {
    name: 'generation-not-raised',
    file: 'src/state/generation.ts',
    replace: 'String(generation + 1)',
    by: 'String(generation)',
    foundBy: rebuildsElsewhere,
  },
  {
    name: 'lease-without-end',
    file: 'src/state/generation.ts',
    replace: 'announced === undefined ? asked + leaseMs : Number.NEGATIVE_INFINITY',
    by: 'Number.POSITIVE_INFINITY',
    foundBy: rebuildsElsewhere,
  },
  {
    name: 'window-cuts-an-id',
    file: 'src/state/window.ts',
    replace: 'needed === index && to',
    by: 'to',
    foundBy: windows('follow one another, keep the operations of an id together, and are no longer than that takes'),
  },
  {
    name: 'window-forgets-its-place',
    file: 'src/state/run.ts',
    replace: 'limits, check, from)',
    by: 'limits, check)',
    foundBy: windows('are refused as whole ones are: with the place of the operation, and nothing is written'),
  },
  {
    name: 'window-hashed-too-early',
    file: 'src/state/run.ts',
    replace: 'to === step.operations.length',
    by: 'from === 0',
    foundBy: windows('leave the same rows behind as whole ones, on every lane'),
  },
  {
    name: 'slice-without-proof',
    file: 'src/stream/slices.ts',
    replace: 'return list !== undefined',
    by: 'return true',
    foundBy: {
      file: 'test/stream/slices.test.ts',
      title: 'says what it says as a whole, wherever it is cut, or is left to be parsed whole',
    },
  },
  {
    name: 'rebuilt-as-if-clocks-never-ran-back',
    file: 'src/history/rebuild.ts',
    replace: 'late: late ? 1 : 0',
    by: 'late: 0',
    foundBy: treesTest('is what an export gives again, and a rebuild changes no answer'),
  },
]

function proof(title: string): Law {
  return { file: 'test/history/verify.test.ts', title }
}

function treesTest(title: string): Law {
  return { file: 'test/stream/tree.test.ts', title }
}

function windows(title: string): Law {
  return { file: 'test/state/window.test.ts', title }
}

function rebuildsTest(title: string): Law {
  return { file: 'test/history/rebuild.test.ts', title }
}

function lanesTest(title: string): Law {
  return { file: 'test/state/lane.test.ts', title }
}

function law(file: string, title: string): Law {
  return { file: `test/laws/${file}.test.ts`, title }
}
