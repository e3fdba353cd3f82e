import { Buffer } from "node:buffer";
import type { Sql } from "postgres";
import { storeDeadLetter } from "../../src/delivery/dead-letters/dead-letter-store.ts";
import type { JobName } from "../../src/generated/jobs.ts";
import { uniqueName } from "./test-servers.ts";

export interface Planted {
  job: JobName;
  reason: string;
  error: string;
  event: { eventName: string; eventId: string; aggregateId: string };
}

/** A dead letter as its consumer would have stored it; answers its id. */
export async function plantLetter(sql: Sql, { job, reason, error, event }: Planted): Promise<string> {
  const id = await sql.begin((transaction) =>
    storeDeadLetter(transaction, {
      job,
      reason,
      eventKey: event.eventId,
      eventName: event.eventName,
      aggregateId: event.aggregateId,
      correlationId: undefined,
      body: Buffer.from(JSON.stringify(event)),
      properties: { contentType: "application/json", messageId: event.eventId },
      headers: { "x-attempts": 5, "x-error-class": "Error", "x-error-message": error, "x-reason": reason },
      deliveryHash: uniqueName("planted"),
    })
  );
  return id!;
}
