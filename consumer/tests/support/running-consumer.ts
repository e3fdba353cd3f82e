import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type ConsumerProcess, startProcess } from "./consumer-process.ts";
import type { DeliveryHarness } from "./delivery-harness.ts";
import { eventually } from "./eventually.ts";

/** The keys that a test's consumer knows. */
export const opsKeys = {
  reader: { key: "key-of-a-reader", scopes: ["ops:read"] },
  operator: { key: "key-of-an-operator", scopes: ["ops:read", "ops:act"] },
  physician: { key: "key-of-a-physician", scopes: ["ops:read", "ops:act", "ops:personal"] },
  desk: { key: "key-of-a-desk", scopes: ["availability:read"] },
} as const;

export interface RunningConsumer extends ConsumerProcess {
  url: string;
  stop(): Promise<void>;
}

/** The service as a process of its own, ready, with the operations page. */
export async function startConsumer(
  { database, vhost }: Pick<DeliveryHarness, "database" | "vhost">,
  variables: Record<string, string>,
): Promise<RunningConsumer> {
  const consumer = startProcess("src/main.ts", {
    DATABASE_URL: database.url,
    AMQP_URL: vhost.amqpUrl,
    OPS_PORT: "0",
    OPS_API_KEYS: JSON.stringify(
      Object.entries(opsKeys).map(([name, { key, scopes }]) => ({
        name,
        sha256: createHash("sha256").update(key).digest("hex"),
        scopes,
      })),
    ),
    ...variables,
  });
  const listening = () => consumer.lines.find((line) => line.msg === "listening");
  await eventually(() => expect(listening(), consumer.output.join("\n")).toBeDefined());
  const url = `http://127.0.0.1:${listening()!["port"]}`;
  await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200));
  return {
    ...consumer,
    url,
    async stop() {
      if (consumer.child.exitCode === null) consumer.signal("SIGTERM");
      await consumer.exited;
    },
  };
}
