import type { Sql } from "postgres";
import { ownAuditTables } from "../../../src/jobs/audit/own-audit-tables.ts";
import { connectPostgres } from "../../../src/postgres/connect.ts";
import { migrate } from "../../../src/postgres/migrate.ts";
import { testServer, uniqueName } from "../../support/test-servers.ts";

export interface SeparateRoles {
  /** The role of DATABASE_URL, which owns the database and made its tables. */
  jobs: { sql: Sql; url: string; role: string };
  /** The role of AUDIT_DATABASE_URL, which owns the audit tables. */
  owner: { sql: Sql; url: string };
  drop(): Promise<void>;
}

/** A migrated database with the two roles of deploy/postgres/init, the audit tables in the hands of the second. */
export async function createSeparateRoles(): Promise<SeparateRoles> {
  const name = uniqueName("consumer_roles");
  const [jobsRole, ownerRole] = [`${name}_jobs`, `${name}_audit`];
  const admin = connectPostgres(testServer("TEST_DATABASE_URL"), { max: 1 });
  await admin.unsafe(
    `create role ${jobsRole} login password 'secret'; create role ${ownerRole} login password 'secret'`,
  );
  await admin.unsafe(`grant ${jobsRole} to ${ownerRole}; grant ${jobsRole} to current_user`);
  await admin.unsafe(`create database ${name} owner ${jobsRole}`);

  const connectAs = (role: string) => {
    const url = new URL(testServer("TEST_DATABASE_URL"));
    Object.assign(url, { username: role, password: "secret", pathname: `/${name}` });
    return { url: url.href, sql: connectPostgres(url.href, { max: 5 }), role };
  };
  const [jobs, owner] = [connectAs(jobsRole), connectAs(ownerRole)];
  await migrate(jobs.sql);
  await ownAuditTables(jobs.sql, owner.url, {});

  return {
    jobs,
    owner,
    async drop() {
      await Promise.all([jobs.sql.end({ timeout: 1 }), owner.sql.end({ timeout: 1 })]);
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.unsafe(`drop role ${ownerRole}; drop role ${jobsRole}`);
      await admin.end();
    },
  };
}
