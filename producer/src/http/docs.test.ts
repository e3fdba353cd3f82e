import { Hono } from "hono";
import { expect, test } from "vitest";
import { mountDocsFiles } from "./docs.ts";
import type { HttpEnv } from "./request-context.ts";

test("the description with examples to come is made once in ten seconds, however many read it", async () => {
  let made = 0;
  let at = Date.parse("2026-03-01T10:00:00Z");
  const openApi = () => Promise.resolve({ openapi: "3.1.0", made: ++made, paths: {} });
  const app = new Hono<HttpEnv>();
  mountDocsFiles(app, { openApi, now: () => new Date(at) });
  const read = async () => (await (await app.request("/docs/openapi.json")).json() as { made: number }).made;
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  at += 9_999;
  expect(await read()).toBe(1);
  at += 1;
  expect(await read()).toBe(2);
});

test.each(["swagger-ui.css", "swagger-ui-bundle.js", "start.js"])(
  "%s is what it was, read once or twice",
  async (name) => {
    const app = new Hono<HttpEnv>();
    mountDocsFiles(app, { openApi: () => Promise.resolve({}), now: () => new Date() });
    const [first, second] = [await app.request(`/docs/${name}`), await app.request(`/docs/${name}`)];
    const text = await first.text();
    expect(text.length).toBeGreaterThan(500);
    expect(await second.text()).toBe(text);
  },
);
