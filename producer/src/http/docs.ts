import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Hono } from "hono";
import { moveExamples } from "./docs/examples-to-come.ts";
import type { HttpEnv } from "./request-context.ts";

const require = createRequire(import.meta.url);

/** Everything that it loads comes from here, so that it works without internet. */
export const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Appointments API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const startScript = new URL("docs/start.js", import.meta.url);

/** So many that hardly any two readers are offered the same time to book. */
const weeksOffered = 100;

/** How long one description with examples to come is shown to everybody: to make it takes longer than to send it. */
const examplesKeptMs = 10_000;

/** Read once: nobody needs a key, and the bundle has a megabyte and a half. */
function kept(path: string | URL): () => Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return () => bytes ??= readFile(path).then((read) => new Uint8Array(read));
}

/** The files of the reference page, and the way to it from the root. They are no part of the API and not described. */
export function mountDocsFiles(
  app: Hono<HttpEnv>,
  { openApi, now }: { openApi: () => Promise<object>; now: () => Date },
): void {
  app.get("/", (c) => c.redirect("/docs"));
  const files = { "swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript" };
  for (const [name, type] of Object.entries(files)) {
    const read = kept(require.resolve(`swagger-ui-dist/${name}`));
    app.get(
      `/docs/${name}`,
      async (c) => c.body(await read(), 200, { "Content-Type": type, "Cache-Control": "public, max-age=86400" }),
    );
  }
  const readStart = kept(startScript);
  app.get("/docs/start.js", async (c) => c.body(await readStart(), 200, { "Content-Type": "text/javascript" }));

  let examples: { at: number; text: Promise<string> } | undefined;
  app.get("/docs/openapi.json", async (c) => {
    const at = now().getTime();
    if (!examples || Math.abs(at - examples.at) >= examplesKeptMs) {
      const document = openApi().then((described) =>
        moveExamples(described, new Date(at), 1 + randomInt(weeksOffered))
      );
      examples = { at, text: document.then((moved) => JSON.stringify(moved)) };
    }
    return c.body(await examples.text, 200, { "Content-Type": "application/json" });
  });
}
