import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Weakening {
  name: string;
  file: string;
  /** Stands once in the file. */
  from: string;
  to: string;
}

/** Each takes a guarantee out of a service's own code; the simulation has to notice every one. */
export const weakenings: readonly Weakening[] = [
  {
    name: "no-inbox",
    file: "consumer/src/delivery/inbox.ts",
    from: "return new Set(claimed.map(({ eventKey }) => eventKey));",
    to: "return new Set([...claimed, ...entries].map(({ eventKey }) => eventKey));",
  },
  {
    name: "inbox-outside-of-the-transaction",
    file: "consumer/src/delivery/run-job.ts",
    from: "inTransaction(guardedTransaction(transaction, time.signal), received)",
    to: `inTransaction(
          new Proxy(guardedTransaction(transaction, time.signal), {
            apply: (own, self, args) => Reflect.apply(String(args[0]).includes("insert into inbox") ? sql : own, self, args),
          }),
          received,
        )`,
  },
  {
    name: "ack-before-commit",
    file: "consumer/src/broker/queue-consumer.ts",
    from: "await handle(message, gone.signal);\n        if (!gone.signal.aborted) acknowledgements.done(message);",
    to: "acknowledgements.done(message);\n        await handle(message, gone.signal);",
  },
  {
    name: "all-that-was-handed-over-acknowledged",
    file: "consumer/src/broker/acknowledgements.ts",
    from: "if (!finished.delete(message)) break;",
    to: "finished.delete(message);",
  },
  {
    name: "lost-commit-taken-for-done",
    file: "consumer/src/delivery/run-batch.ts",
    from: "return await whileAway(() => runTogether(received));",
    to: `return await runTogether(received).catch(() => received.map(() => ({ kind: "applied" }) as const));`,
  },
  {
    name: "failed-batch-taken-for-done",
    file: "consumer/src/delivery/run-batch.ts",
    from: "for (const part of parts) settled.push(...await runBatch(part, runTogether, whileAway));",
    to: "settled.push(...received.map(() => ({ kind: 'applied' }) as const));",
  },
  {
    name: "version-not-compared",
    file: "consumer/src/delivery/event-order.ts",
    from: "return order >= 0 && !isRepetition;",
    to: "return order === order || isRepetition;",
  },
  {
    name: "retry-not-awaited",
    file: "consumer/src/delivery/forward.ts",
    from: "await publish({ exchange: queue.retry.exchange, routingKey, content, properties }, log, gone);",
    to: "publish({ exchange: queue.retry.exchange, routingKey, content, properties }, log, gone).catch(() => {});",
  },
  {
    name: "confirm-of-a-retry-not-awaited",
    file: "consumer/src/broker/publisher.ts",
    from: "          else resolve();\n        });",
    to: "          else resolve();\n        });\n        resolve();",
  },
  {
    name: "nack-of-a-retry-not-checked",
    file: "consumer/src/broker/publisher.ts",
    from: "if (error) reject(error);",
    to: "if (error) resolve();",
  },
  {
    name: "confirm-not-awaited",
    file: "producer/src/amqp/publisher.ts",
    from: `Buffer.from(body, "utf8"), properties, settle);`,
    to: `Buffer.from(body, "utf8"), properties, settle);\n          settle(null);`,
  },
  {
    name: "return-not-checked",
    file: "producer/src/amqp/publisher.ts",
    from: "if (returnReason !== undefined)",
    to: "if (returnReason === null)",
  },
  {
    name: "nack-not-checked",
    file: "producer/src/amqp/publisher.ts",
    from: `if (error?.message === "message nacked") return {`,
    to:
      `if (error?.message === "message nacked") return { kind: "confirmed", seconds };\n    if (error === undefined) return {`,
  },
  {
    name: "lost-channel-taken-for-confirmed",
    file: "producer/src/amqp/publisher.ts",
    from: `if (error) return { kind: "unknown", reason: error.message };`,
    to: "",
  },
  {
    name: "timeout-taken-for-confirmed",
    file: "producer/src/amqp/publisher.ts",
    from: `resolve({ kind: "timeout", reason: `,
    to: `resolve({ kind: "confirmed", seconds: 0, reason: `,
  },
  {
    name: "later-event-not-held-back",
    file: "producer/src/outbox/outbox-store.ts",
    from: "AND o.last_error IS NULL AND ${isFirstOfItsAggregate} ORDER",
    to: "AND o.last_error IS NULL ORDER",
  },
  {
    name: "archive-not-fenced",
    file: "producer/src/outbox/outbox-store.ts",
    from: "DELETE FROM outbox WHERE id = ANY(${ids as string[]}::bigint[]) AND EXISTS (SELECT FROM lead) RETURNING",
    to: "DELETE FROM outbox WHERE id = ANY(${ids as string[]}::bigint[]) RETURNING",
  },
  {
    name: "failure-mark-not-fenced",
    file: "producer/src/outbox/outbox-store.ts",
    from: "WHERE o.id = f.id AND EXISTS (SELECT FROM lead)",
    to: "WHERE o.id = f.id",
  },
  {
    name: "lead-of-a-living-relay-taken",
    file: "producer/src/outbox/leadership.ts",
    from: "return nowMs() - seen.since < leaseMs;",
    to: "return nowMs() - seen.since < leaseMs / 20;",
  },
];

/** Copies both services' code; returns the copy's folder and what removes it. */
export function copyServices(root: string, name: string): { root: string; remove(): void } {
  const copy = mkdtempSync(join(tmpdir(), `${name}-`));
  for (const service of ["producer", "consumer"]) {
    for (const part of ["src", "migrations", "package.json"]) {
      cpSync(join(root, service, part), join(copy, service, part), { recursive: true });
    }
    symlinkSync(join(root, service, "node_modules"), join(copy, service, "node_modules"));
  }
  return { root: copy, remove: () => rmSync(copy, { recursive: true, force: true }) };
}

/** A copy of both services with the weakening in it. */
export function plant(root: string, { name, file, from, to }: Weakening): { root: string; remove(): void } {
  const copy = copyServices(root, `weakened-${name}`);
  const path = join(copy.root, file);
  const parts = readFileSync(path, "utf8").split(from);
  if (parts.length !== 2) throw new Error(`${name}: the text stands ${parts.length - 1} times in ${file}: ${from}`);
  writeFileSync(path, parts.join(to));
  return copy;
}
