import { Hono } from "hono";
import { type IncidentSources, makeBundle } from "../../incident/make-bundle.ts";
import type { OpsEnv } from "../access/guard.ts";

/** The bundle of an appointment, as a file. */
export function createIncidentRoutes(sources: IncidentSources): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  app.get("/incident/:id", async (context) => {
    const id = context.req.param("id");
    context.set("resource", id);
    const bundle = await makeBundle(sources, id);
    if (!bundle) return context.text("Nobody knows of it.\n", 404);
    context.header("content-disposition", `attachment; filename="incident-${id.replaceAll(/[^\w.~-]/g, "_")}.json"`);
    return context.body(`${JSON.stringify(bundle, null, 2)}\n`, 200, { "content-type": "application/json" });
  });
  return app;
}
