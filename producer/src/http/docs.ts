import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Hono } from "hono";
import type { HttpEnv } from "./request-context.ts";

const require = createRequire(import.meta.url);

const startScript =
  `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null });`;

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

/** The files of the reference page, and the way to it from the root. They are no part of the API and not described. */
export function mountDocsFiles(app: Hono<HttpEnv>): void {
  app.get("/", (c) => c.redirect("/docs"));
  const files = { "swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript" };
  for (const [name, type] of Object.entries(files)) {
    app.get(`/docs/${name}`, async (c) => {
      const bytes = await readFile(require.resolve(`swagger-ui-dist/${name}`));
      return c.body(new Uint8Array(bytes), 200, { "Content-Type": type, "Cache-Control": "public, max-age=86400" });
    });
  }
  app.get("/docs/start.js", (c) => c.body(startScript, 200, { "Content-Type": "text/javascript" }));
}
