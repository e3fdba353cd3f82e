import type { Sql } from "postgres";
import { connectPostgres, type PostgresOptions } from "../../postgres/connect.ts";
import { auditTables, changeableBy } from "./guards.ts";

/** Any constant that no other user of the database takes; spells "audt". */
const lockKey = 0x61756474;

/**
 * Makes the role of `ownerUrl` the owner of the audit tables, and leaves to the jobs' role, which is that of `sql`, what
 * it needs: to add outcomes, and to read. The owner has to be a member of the jobs' role, which made the tables. Answers
 * whether there was anything to change.
 */
export async function ownAuditTables(
  sql: Sql,
  ownerUrl: string,
  database: Omit<PostgresOptions, "max">,
): Promise<boolean> {
  const [{ role } = { role: "" }] = await sql<{ role: string }[]>`select current_user as role`;
  const owner = connectPostgres(ownerUrl, { ...database, max: 1 });
  try {
    if ((await changeableBy(owner, role)).length === 0) return false;
    await takeOver(owner, role);
    const left = await changeableBy(owner, role);
    if (left.length === 0) return true;
    throw new Error(
      `The role ${role} of DATABASE_URL can still change ${left.join(", ")}: is it a superuser, or a ` +
        `member of the role of AUDIT_DATABASE_URL?`,
    );
  } finally {
    await owner.end({ timeout: 1 });
  }
}

async function takeOver(owner: Sql, role: string): Promise<void> {
  await owner.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${lockKey})`;
    for (const table of auditTables) {
      await transaction`alter table ${transaction(table)} owner to current_user`;
      await transaction`revoke all on ${transaction(table)} from public, ${transaction(role)}`;
      await transaction`grant select on ${transaction(table)} to ${transaction(role)}`;
    }
    await transaction`alter function refuse_audit_change() owner to current_user`;
    await transaction`grant select on audit_outcomes to current_user`;
    await transaction`grant select, insert on audit_chain to current_user`;
    // Neither the id, which is the order in which rows are sealed, nor anything that is already there.
    await transaction`
      grant insert (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
      on audit_outcomes to ${transaction(role)}`;
    await transaction`grant insert on audit_unsealed to ${transaction(role)}`;
  });
}
