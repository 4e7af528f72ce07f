/**
 * The borders of the house. Arrows point one way:
 * cli → open → universe → stream → history → graph, events → state → database → queries → model;
 * a room may import from every room to its right.
 */

/** From left to right; rooms of one step do not know each other. */
const steps = [
  { cli: '^src/cli/' },
  { open: '^src/open[.]ts$' },
  { universe: '^src/universe[.]ts$' },
  { stream: '^src/stream/' },
  { history: '^src/history/' },
  { graph: '^src/graph/', events: '^src/events/' },
  { state: '^src/state/' },
  { database: '^src/database/' },
  { queries: '^queries/' },
  { model: '^src/model/' },
]
const entry = '^src/index[.]ts$'
const migrations = '^migrations/'
const ours = ['^(src|queries|migrations|test|bench|examples|ci)/', '^[^/]+[.]config[.]ts$']

/** What a room may import besides itself and the rooms to its right. */
const alsoAllowed = { cli: [entry], database: [migrations] }

const borders = steps.flatMap((step, index) => {
  const right = steps.slice(index + 1).flatMap((later) => Object.values(later))
  return Object.entries(step).map(([room, path]) => ({
    name: `border-of-${room}`,
    comment: `${room} imports only from the rooms to its right`,
    severity: 'error',
    from: { path },
    to: { path: ours, pathNot: [path, ...right, ...(alsoAllowed[room] ?? [])] },
  }))
})

/** `only` may import these packages, types included; test and bench may import anything. */
function reserved(name, packages, only) {
  const alternatives = packages.join('|')
  return {
    name,
    severity: 'error',
    from: { pathNot: [...only, '^test/', '^bench/'] },
    to: { path: [`node_modules/(@types/)?(${alternatives})/`, `^(${alternatives})(/|$)`] },
  }
}

/** What `ci/build.mjs` puts into dist; a tool would go there unseen. */
const bundled = 'node_modules/(canonicalize|cli-progress|cli-table3|commander|kysely|picocolors|uuid|zod)/'

/** What who uses it installs; it is asked for where it is used. */
const optional = 'node_modules/pg/'

export default {
  forbidden: [
    ...borders,
    {
      name: 'every-file-has-a-room',
      comment: 'A new room gets its place in the order above first',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [entry, ...steps.flatMap((step) => Object.values(step))],
      },
      to: {},
    },
    {
      name: 'border-of-index',
      severity: 'error',
      from: { path: entry },
      to: { path: ours, pathNot: '^src/' },
    },
    {
      name: 'border-of-migrations',
      comment: 'A migration outlives the code around it: it leans on the dialect and on Kysely alone',
      severity: 'error',
      from: { path: migrations },
      to: {
        path: [...ours, 'node_modules/'],
        pathNot: [migrations, '^queries/dialects?/', '^queries/dialect[^/]*[.]ts$', 'node_modules/kysely/'],
      },
    },
    {
      name: 'queries-know-only-kysely',
      severity: 'error',
      from: { path: '^queries/' },
      to: { path: 'node_modules/', pathNot: 'node_modules/kysely/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: ['^test/', '^vitest[.]config[.]ts$'] },
      to: { path: '^test/' },
    },
    {
      name: 'nothing-imports-benchmarks',
      severity: 'error',
      from: { pathNot: ['^bench/', '^test/'] },
      to: { path: '^bench/' },
    },
    reserved('drivers-in-database', ['better-sqlite3', 'pg', 'pg-[^/]+'], ['^src/database/']),
    reserved(
      'kysely-in-database-and-queries',
      ['kysely'],
      ['^src/database/', '^queries/', migrations, '^kysely[.]config[.]ts$'],
    ),
    reserved('terminal-in-cli', ['commander', 'picocolors', 'cli-progress', 'cli-table3'], ['^src/cli/']),
    {
      name: 'no-cycles',
      comment: 'Of types neither',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^(src|queries|migrations)/', pathNot: [entry, '^src/cli/'] },
      to: {},
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What is shipped needs only what is installed or bundled with it (declarations of types aside)',
      severity: 'error',
      from: { path: '^(src|queries|migrations)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: ['node_modules/@types/', bundled, optional],
      },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(inner-universe|pg)$' },
    },
    {
      name: 'not-from-dist',
      severity: 'error',
      from: { path: '^(src|queries|migrations)/' },
      to: { path: ['^dist/', '^inner-universe$'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: ['^(coverage|[.]bench|[.]build-[^/]+|ci|[.]ci|docs)/', '^test/formats/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
}
