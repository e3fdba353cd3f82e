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

/** The files of the reference page, and the way to it from the root. They are no part of the API and not described. */
export function mountDocsFiles(
  app: Hono<HttpEnv>,
  { openApi, now }: { openApi: () => Promise<object>; now: () => Date },
): void {
  app.get("/", (c) => c.redirect("/docs"));
  const files = { "swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript" };
  for (const [name, type] of Object.entries(files)) {
    app.get(`/docs/${name}`, async (c) => {
      const bytes = await readFile(require.resolve(`swagger-ui-dist/${name}`));
      return c.body(new Uint8Array(bytes), 200, { "Content-Type": type, "Cache-Control": "public, max-age=86400" });
    });
  }
  app.get(
    "/docs/start.js",
    async (c) => c.body(await readFile(startScript), 200, { "Content-Type": "text/javascript" }),
  );
  app.get("/docs/openapi.json", async (c) => c.json(moveExamples(await openApi(), now(), 1 + randomInt(weeksOffered))));
}
