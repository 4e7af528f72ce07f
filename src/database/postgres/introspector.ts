/**
 * What Kysely's migrator sees of a database: the schema of the universe. Kysely's own introspector looks at every
 * schema, and fails where one is dropped meanwhile.
 */
import type { DatabaseIntrospector, DatabaseMetadata, SchemaMetadata, TableMetadata } from 'kysely'
import { tableNames } from '../../../queries/maintenance.js'
import { schemaName } from '../../../queries/namespace.js'
import type { Client } from './client.js'
import { Statements } from './connection.js'

export class OneSchema implements DatabaseIntrospector {
  private readonly statements: Statements

  constructor(
    private readonly client: Pick<Client, 'query'>,
    schema: string,
  ) {
    this.statements = new Statements(schema, false)
  }

  async getSchemas(): Promise<SchemaMetadata[]> {
    return (await this.client.query(this.statements.query(schemaName, {}))).rows as SchemaMetadata[]
  }

  async getTables(): Promise<TableMetadata[]> {
    const { rows } = await this.client.query(this.statements.query(tableNames, {}))
    const { schema } = this.statements
    return (rows as { name: string }[]).map(({ name }) => ({ name, schema, isView: false, columns: [] }))
  }

  async getMetadata(): Promise<DatabaseMetadata> {
    return { tables: await this.getTables() }
  }
}
