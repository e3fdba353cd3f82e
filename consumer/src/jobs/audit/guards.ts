import type { Sql, TransactionSql } from "postgres";

/** The tables of the trail; whoever owns one can change it. */
export const auditTables = ["audit_outcomes", "audit_chain", "audit_unsealed", "audit_tiles", "audit_sealer"] as const;

const triggers = ["audit_outcomes_append_only", "audit_chain_append_only"];

/** Tables that are gone or something else by now, and triggers that are gone or switched off. */
export async function missingGuards(sql: TransactionSql): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select name from unnest(${[...auditTables]}::text[]) as name
    where not exists (select from pg_class where oid = to_regclass(name) and relkind = 'r')`;
  if (tables.length > 0) return tables.map(({ name }) => `the table ${name} is gone`);
  const off = await sql<{ name: string }[]>`
    select name from unnest(${triggers}::text[]) as name
    where not exists (
      select from pg_trigger
      where tgname = name and tgenabled in ('O', 'A') and tgrelid in ('audit_outcomes'::regclass, 'audit_chain'::regclass))`;
  return off.map(({ name }) => `the trigger ${name} is gone or switched off`);
}

/** The tables in which the role can change or remove a row, because it owns them or was given the right to. */
export async function changeableBy(sql: Sql | TransactionSql, role: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where oid = any(${[...auditTables]}::text[]::regclass[])
      and (pg_has_role(${role}, relowner, 'USAGE')
        or has_table_privilege(${role}, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
        or relname in ('audit_chain', 'audit_tiles') and has_table_privilege(${role}, oid, 'INSERT'))
    order by relname`;
  return rows.map(({ name }) => name);
}
