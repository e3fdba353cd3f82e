import type { TransactionSql } from "postgres";
import { UnusableDatabase } from "./require-session.ts";

/**
 * Makes sure that tables can be created where they belong. A role without the right is told which one it lacks, and
 * tables that stand in another schema, as an earlier search_path had it, are not created a second time.
 */
export async function prepareSchema(tx: TransactionSql, schema: string): Promise<void> {
  const [found] = await tx<{ role: string; hasSchema: boolean; hasTables: boolean; elsewhere: string | null }[]>`
    SELECT current_user AS role,
      EXISTS (SELECT FROM pg_namespace WHERE nspname = ${schema}) AS "hasSchema",
      EXISTS (SELECT FROM pg_tables WHERE schemaname = ${schema} AND tablename = 'schema_migrations') AS "hasTables",
      (SELECT min(schemaname) FROM pg_tables WHERE tablename = 'unfinished_starts' AND schemaname <> ${schema}) AS elsewhere`;
  if (!found || found.hasTables) return;
  if (found.elsewhere !== null) {
    throw new UnusableDatabase(
      `The tables are in the schema ${found.elsewhere}: set DATABASE_SCHEMA=${found.elsewhere}`,
    );
  }
  if (!found.hasSchema) await createSchema(tx, schema, found.role);
  const [right] = await tx<{ creates: boolean }[]>`SELECT has_schema_privilege(${schema}, 'CREATE') AS creates`;
  if (right?.creates) return;
  throw new UnusableDatabase(
    `The role ${found.role} may not create tables in the schema ${schema}: ` +
      `GRANT CREATE ON SCHEMA ${schema} TO ${found.role}, or set DATABASE_SCHEMA to a schema of its own`,
  );
}

async function createSchema(tx: TransactionSql, schema: string, role: string): Promise<void> {
  try {
    await tx.savepoint((inner) => inner`CREATE SCHEMA ${inner(schema)}`);
  } catch (error) {
    if ((error as { code?: string }).code !== "42501") throw error;
    throw new UnusableDatabase(
      `The role ${role} may not create the schema ${schema}: CREATE SCHEMA ${schema} AUTHORIZATION ${role}`,
      { cause: error },
    );
  }
}
