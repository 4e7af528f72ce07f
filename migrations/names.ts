/** The names of the migrations, in their order: all that a database asks whose schema is up to date. */
export const migrationNames = ['0001_graph_and_versions', '0002_lanes_and_history'] as const

export type MigrationName = (typeof migrationNames)[number]
