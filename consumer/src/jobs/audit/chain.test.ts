import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { type AuditOutcome, entryRow, genesis, sealRow } from "./chain.ts";
import { leafHash } from "./merkle.ts";

const outcome: AuditOutcome = {
  id: 7,
  occurredAt: new Date("2026-05-04T09:00:00.120Z"),
  job: "audit",
  action: "recorded",
  eventKey: "one",
  eventName: null,
  aggregateId: "café 😀",
  correlationId: null,
  actor: "reception",
  detail: { b: [1, null], a: { "€": true } },
};

test.each([outcome, { ...outcome, detail: null }, { ...outcome, detail: [] }])(
  "a row is sealed by its canonical JSON, in the chain as a whole and in the tree with the digest of its detail",
  (row) => {
    const whole = canonicalJson({ position: 3, ...row, occurredAt: "2026-05-04T09:00:00.120Z" });
    expect(sealRow(genesis, 3, row)).toEqual({
      hash: createHash("sha256").update(genesis).update(whole).digest(),
      leaf: leafHash(canonicalJson(entryRow(3, row))),
    });
  },
);

test("the hash in the chain is that of the versions before the tree", () => {
  const { hash } = sealRow(genesis, 3, { ...outcome, aggregateId: null });
  expect(hash.toString("hex")).toBe("08d4f8ecaa5ac43bb67087fcb86883ca030e16ccab02d2fea954349eddccc79b");
});
