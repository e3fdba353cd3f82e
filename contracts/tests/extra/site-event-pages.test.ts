import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadModel } from "../../site/load/model.ts";
import { goldenOf, loadReleases } from "../../site/load/releases.ts";
import { loadSnippets } from "../../site/load/snippets.ts";
import { eventPage } from "../../site/pages/event.tsx";
import { render, sectionOf, textOf } from "./site/render.ts";

const root = new URL("../../..", import.meta.url).pathname;

async function createdPage(): Promise<string> {
  const model = await loadModel(root);
  const event = model.events.find(({ name }) => name === "appointment.created")!;
  const golden = goldenOf(loadReleases(root).releases, event.name);
  return render(eventPage(model, event, { golden, snippets: await loadSnippets(root), history: [] }));
}

/** Property → the text of its row. */
function rowsOf(page: string): Record<string, string> {
  const rows = sectionOf(page, "properties").matchAll(/<tr id="property-(\w+)">(.*?)<\/tr>/gs);
  return Object.fromEntries([...rows].map(([, name = "", row = ""]) => [name, textOf(row)]));
}

describe("the properties on an event's page", () => {
  let rows: Record<string, string>;
  beforeAll(async () => {
    rows = rowsOf(await createdPage());
  });

  test("are those of the effective document, beside what was captured", () => {
    expect(rows["content_type"]).toBe("content_type application/json application/json");
    expect(rows["content_encoding"]).toBe("content_encoding utf-8 utf-8");
    expect(rows["type"]).toBe("type appointment.created appointment.created");
    expect(rows["delivery_mode"]).toBe("delivery_mode 2 , persistent 2");
    expect(rows["correlation_id"]).toMatch(/^correlation_id the body's correlationId [0-9a-f-]{36}$/);
    expect(rows["timestamp"]).toMatch(/^timestamp the body's timestamp , in whole seconds \d{10}$/);
  });

  test("that no binding can say are what every captured message has", () => {
    expect(rows["message_id"]).toMatch(/^message_id the body's eventId seen on the wire [0-9a-f-]{36}$/);
    expect(rows["app_id"]).toBe("app_id appointment-producer seen on the wire appointment-producer");
  });

  test("are every one that was captured", () => {
    const { messages } = JSON.parse(readFileSync(join(root, "contracts/releases/0.1.0/release.json"), "utf8"));
    const captured = new Set(messages.flatMap(({ properties }: { properties: object }) => Object.keys(properties)));
    expect(Object.keys(rows)).toHaveLength(captured.size - 1); // its headers have a table of their own
  });
});

test("an object whose fields a job is proven to read is proven to be read", async () => {
  const page = await createdPage();
  const payload = /<tr id="body-payload">(.*?)<\/tr>/s.exec(page)?.[1] ?? "";
  expect(payload).toContain('class="reader proven"');
  expect(textOf(payload)).toContain("all 5 jobs");
});
