import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { appendAudit } from "../../../src/jobs/audit/audit-log.ts";
import { sealOutcomes } from "../../../src/jobs/audit/chain-store.ts";
import { createAuditSealer } from "../../../src/jobs/audit/sealer.ts";
import { signerOf } from "../../../src/jobs/audit/signed-note.ts";
import { runWorkers } from "../../support/run-workers.ts";
import { type AuditHarness, createAuditHarness } from "./audit-harness.ts";
import { createSeparateRoles, type SeparateRoles } from "./audit-roles.ts";
import { describe as describeProblem } from "../../../src/jobs/audit/verify-command.ts";
import { behindTheTrigger } from "../../support/behind-the-trigger.ts";
import { runAudit } from "./run-audit.ts";

/** The rows of a trail of twelve: the first ten are sealed, in two batches. */
const places = { first: 1, middle: 5, last: 10, unsealed: 11 };
type Place = keyof typeof places;

const insertedBefore = "(occurred_at, job, action) overriding system value values (now(), 'calendar', 'written')";
const addsOutcome = "insert into audit_outcomes (occurred_at, job, action)";

/** What somebody may do to the row at a place; some take two rows. */
const kinds: Record<string, (id: number) => string> = {
  edit: (id) => `update audit_outcomes set action = 'ignored' where id = ${id}`,
  delete: (id) => `delete from audit_unsealed where outcome_id = ${id}; delete from audit_outcomes where id = ${id}`,
  insert: (id) =>
    `update audit_outcomes set id = default where id = ${id};
     insert into audit_outcomes (id, occurred_at, job, action) overriding system value
     values (${id}, now(), 'calendar', 'written')`,
  reorder: (id) => {
    const other = id === 1 ? 2 : id === 11 ? 12 : id - 1;
    return `update audit_outcomes set event_key = swapped.event_key
      from audit_outcomes as swapped
      where audit_outcomes.id in (${id}, ${other}) and swapped.id in (${id}, ${other}) and swapped.id <> audit_outcomes.id`;
  },
  cut: (id) =>
    `delete from audit_unsealed where outcome_id >= ${id}; delete from audit_chain where outcome_id >= ${id};
     delete from audit_outcomes where id >= ${id}`,
  truncate: () => "truncate audit_outcomes, audit_chain, audit_unsealed, audit_tiles restart identity",
};

const tries = Object.keys(kinds).flatMap((kind) =>
  (Object.keys(places) as Place[]).map((place) => [kind, place] as [string, Place])
);

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

describe("as a role that owns the audit tables, and knows how rows are sealed", () => {
  let audit: AuditHarness;
  beforeAll(async () => {
    audit = await createAuditHarness();
  });
  afterAll(() => audit.drop());

  const verify = () =>
    runAudit({ jobs: audit, folder: audit.checkpoints.folder, signer: audit.checkpoints.signer }, "verify");

  /** Nobody seals until the test is over. */
  async function holdSealer(): Promise<void> {
    const over = new AbortController();
    await new Promise<void>((isHeld) => {
      const holding = audit.sql.begin(async (transaction) => {
        await transaction`select from audit_sealer for update`;
        isHeld();
        await once(over.signal, "abort");
      });
      onTestFinished(async () => {
        over.abort();
        await holding;
      });
    });
  }

  /** Seals all that there is by now as if nothing had been sealed before: chain and tree fit the rows again. */
  async function sealAnew(): Promise<void> {
    await behindTheTrigger(
      audit.sql,
      "truncate audit_chain, audit_tiles, audit_unsealed; insert into audit_unsealed select id from audit_outcomes",
    );
    while (await sealOutcomes(audit.sql, 100));
  }

  async function makeTrail(): Promise<void> {
    await audit.empty();
    await audit.append(6);
    await audit.seal();
    await audit.append(4);
    await audit.seal();
  }

  const sealedTries = tries.filter(([_, place]) => place !== "unsealed");

  test.each(sealedTries)("%s, %s: is named", async (kind, place) => {
    await makeTrail();
    await behindTheTrigger(audit.sql, kinds[kind]!(places[place]));
    const { code, printed } = await verify();
    expect(code).toBe(1);
    expect(printed[0]).toMatch(/^(Row|outcome) \d+/);
  });

  test.each(sealedTries)("%s, %s, with chain and tree made anew: is named", async (kind, place) => {
    await makeTrail();
    await behindTheTrigger(audit.sql, kinds[kind]!(places[place]));
    await sealAnew();
    const { code, printed } = await verify();
    expect(code).toBe(1);
    expect(printed[0]).toMatch(/^Row \d+: (one of the rows|the tail is gone)/);
  });

  test.each(tries)("%s, %s, with the sealer held: is named", async (kind, place) => {
    await makeTrail();
    const stop = audit.startSealer();
    onTestFinished(stop);
    await holdSealer();
    await audit.append(3);
    await behindTheTrigger(audit.sql, kinds[kind]!(places[place]));
    // Without a row that follows, nothing would be left to tell of what waited.
    if (kind === "cut" || kind === "truncate") await audit.append(1);
    // With less patience than the command has.
    const { problems } = await audit.verify();
    expect(problems.map(describeProblem).join()).toMatch(/^(Row|outcome) \d+/);
  });

  test("the command ends with 1 while somebody holds the sealer", async () => {
    await makeTrail();
    await holdSealer();
    await audit.append(1);
    const { code, printed } = await verify();
    expect(code).toBe(1);
    expect(printed[0]).toMatch(/^outcome 11: has waited for its seal for more than 5 s/);
  });

  test("a trigger that is switched off is named", async () => {
    await makeTrail();
    await audit.sql`alter table audit_chain disable trigger audit_chain_append_only`;
    const { code, printed } = await verify();
    expect(code).toBe(1);
    expect(printed[0]).toBe("the trigger audit_chain_append_only is gone or switched off");
    await audit.sql`alter table audit_chain enable trigger audit_chain_append_only`;
  });

  test("of an intact trail it is said what this role could do", async () => {
    await makeTrail();
    const { code, noted } = await verify();
    expect(code).toBe(0);
    expect(noted).toEqual([expect.stringMatching(/can change audit_chain, .*AUDIT_DATABASE_URL takes that from it/)]);
  });
});
