import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { sealOutcomes } from "../../../../src/jobs/audit/chain-store.ts";
import { describe as describeProblem } from "../../../../src/jobs/audit/verify-command.ts";
import { behindTheTrigger } from "../../../support/behind-the-trigger.ts";
import { type AuditHarness, createAuditHarness } from "../audit-harness.ts";
import { runAudit } from "../run-audit.ts";
import { kinds, places, tries } from "./tries.ts";

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
