import { once } from "node:events";
import { serve } from "@hono/node-server";
import { Hono } from "hono";

export interface ArchiveStandIn {
  url: string;
  key: string;
  /** What the producer's relay has published, oldest first. */
  events: { eventId: string; eventName: string; aggregateId: string; publishedAt: string; body: string }[];
  /** Positions of what it is not done with. */
  pending: number[];
  /** Answers 503 from this page of the archive on, counted from 1. */
  failsFromPage(page: number): void;
  close(): Promise<void>;
}

/** Stands in for the producer's GET /ops/archive and GET /ops/outbox, with pages of three. */
export async function startArchiveStandIn(): Promise<ArchiveStandIn> {
  const key = "ops-key";
  const events: ArchiveStandIn["events"] = [];
  const pending: number[] = [];
  let failing = Infinity;
  const app = new Hono();
  app.get("/ops/outbox", (context) => {
    const { cursor = "0" } = context.req.query();
    const end = Number(cursor) + 3;
    const items = pending.slice(Number(cursor), end).map((position) => ({ position, eventId: String(position) }));
    return context.json({ items, ...(pending.length > end && { next: String(end) }) });
  });
  app.get("/ops/archive", (context) => {
    if (context.req.header("x-api-key") !== key) return context.json({ title: "Unauthorized" }, 401);
    const { from, to, type, aggregateId, cursor = "0" } = context.req.query();
    if (Number(cursor) / 3 + 1 >= failing) return context.json({ title: "Service Unavailable" }, 503);
    const matching = events.filter((event) =>
      (!from || event.publishedAt >= from) && (!to || event.publishedAt < to) &&
      (!type || event.eventName === type) && (!aggregateId || event.aggregateId === aggregateId)
    );
    const end = Number(cursor) + 3;
    const items = matching.slice(Number(cursor), end).map((event, index) => ({
      ...event,
      position: index,
      aggregateVersion: 1,
      headers: { "x-event-version": 1 },
    }));
    return context.json({ items, ...(matching.length > end && { next: String(end) }) });
  });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    events,
    pending,
    failsFromPage(page) {
      failing = page;
    },
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
