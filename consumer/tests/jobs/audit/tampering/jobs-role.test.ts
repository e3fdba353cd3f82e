import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendAudit } from "../../../../src/jobs/audit/audit-log.ts";
import { createAuditSealer } from "../../../../src/jobs/audit/sealer.ts";
import { signerOf } from "../../../../src/jobs/audit/signed-note.ts";
import { runWorkers } from "../../../support/run-workers.ts";
import { createSeparateRoles, type SeparateRoles } from "../audit-roles.ts";
import { runAudit } from "../run-audit.ts";
import { addsOutcome, insertedBefore, kinds, places, tries } from "./tries.ts";

describe("as the jobs' role, which owns no audit table", () => {
  let roles: SeparateRoles;
  let folder: string;
  const signer = signerOf("clinic.example/audit", randomBytes(32));

  beforeAll(async () => {
    roles = await createSeparateRoles();
    folder = await mkdtemp(join(tmpdir(), "audit-"));
  });
  afterAll(async () => {
    await roles.drop();
    await rm(folder, { recursive: true });
  });

  const verify = () => runAudit({ ...roles, folder, signer }, "verify");
  const append = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => append1(n)));
  const append1 = (n: number) =>
    appendAudit(roles.jobs.sql, { occurredAt: new Date(), job: "calendar", action: "applied", eventKey: String(n) });

  function startSealer() {
    const stop = new AbortController();
    const dependencies = { sql: roles.owner.sql, log: pino({ enabled: false }), now: () => new Date() };
    const sealer = createAuditSealer({ ...dependencies, checkpoints: { folder, signer } });
    const running = runWorkers(roles.jobs.sql, [sealer], stop.signal, 5);
    return () => {
      stop.abort();
      return running;
    };
  }
  const sealed = () => expect.poll(() => roles.jobs.sql`select from audit_unsealed`, { timeout: 20_000 }).toEqual([]);

  test("what it does is sealed at once, and the trail is intact without a word about its rights", async () => {
    const stop = startSealer();
    await append(10);
    await sealed();
    await stop();
    await append(2);
    const seal = startSealer();
    expect(await verify()).toMatchObject({ code: 0, noted: [] });
    await seal();
  });

  test.each(tries)("%s, %s: is refused by PostgreSQL", async (kind, place) => {
    for (const statement of kinds[kind]!(places[place]).split(";")) {
      await expect(roles.jobs.sql.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
    }
  });

  test.each([
    "update audit_chain set outcome_id = 3 where position = 4",
    "insert into audit_chain select 13, 11, hash, hash from audit_chain where position = 12",
    "update audit_tiles set hashes = ''",
    "delete from audit_tiles",
    "alter table audit_outcomes disable trigger user",
    "alter table audit_outcomes owner to current_user",
    "alter table audit_outcomes rename to other",
    "create trigger other before insert on audit_outcomes for each row execute function suppress_redundant_updates_trigger()",
    "create rule other as on insert to audit_outcomes do instead nothing",
    "create or replace function refuse_audit_change() returns trigger language plpgsql as 'begin return new; end'",
    "create policy other on audit_outcomes",
    `insert into audit_outcomes ${
      insertedBefore.replace("(occurred_at", "(id, occurred_at").replace("(now()", "(5, now()")
    }`,
    "select from audit_sealer for update",
    "lock table audit_sealer in row share mode",
    "lock table audit_unsealed in share mode",
    "lock table audit_outcomes in access exclusive mode",
  ])("%s: is refused by PostgreSQL", async (statement) => {
    const inTransaction = roles.jobs.sql.begin((transaction) => transaction.unsafe(statement));
    await expect(inTransaction).rejects.toMatchObject({ code: "42501" });
  });

  test("it can't hold the sealer by a lock that it is given", async () => {
    const stop = startSealer();
    await roles.jobs.sql.begin(async (transaction) => {
      await transaction`select pg_advisory_xact_lock(${0x7365616c})`;
      await transaction`lock table audit_unsealed in row exclusive mode`;
      await append(1);
      await sealed();
    });
    await stop();
    expect((await verify()).code).toBe(0);
  });

  test.each([
    ["an outcome that it keeps from the sealer", `${addsOutcome} values (now(), 'calendar', 'written')`],
    ["a place in the sealer's list for no outcome", "insert into audit_unsealed values (1000000)"],
    ["a place in the sealer's list for what is sealed", "insert into audit_unsealed values (5)"],
  ])("%s is named", async (_, statement) => {
    await roles.jobs.sql.unsafe(statement);
    const stop = startSealer();
    await append(1);
    expect(await verify()).toMatchObject({
      code: 1,
      printed: [expect.stringMatching(/^outcome \d+: /), expect.anything()],
    });
    await stop();
    await roles.owner.sql.unsafe(
      "alter table audit_outcomes disable trigger user; grant delete on audit_outcomes to current_user",
    );
    await roles.owner.sql`delete from audit_unsealed`;
    await roles.owner.sql`delete from audit_outcomes where id not in (select outcome_id from audit_chain)`;
    await roles.owner.sql.unsafe("alter table audit_outcomes enable trigger user");
    expect((await verify()).code).toBe(0);
  });

  test("rights that it is given back are named", async () => {
    await roles.owner.sql.unsafe(`grant update on audit_outcomes to ${roles.jobs.role}`);
    const { code, printed } = await verify();
    expect(code).toBe(1);
    expect(printed[0]).toBe(`the role ${roles.jobs.role} of DATABASE_URL can change audit_outcomes`);
    await roles.owner.sql.unsafe(`revoke update on audit_outcomes from ${roles.jobs.role}`);
  });

  test("a table that it drops, as the owner of the database, is named, and so is one that it puts in its place", async () => {
    await roles.jobs.sql`drop table audit_outcomes`;
    expect(await verify()).toMatchObject({ code: 1, printed: ["the table audit_outcomes is gone", expect.anything()] });
    await roles.jobs.sql.unsafe("create table audit_outcomes (like sends)");
    expect((await verify().catch(() => ({ code: 1 }))).code).toBe(1);
  });
});
