import { Hono } from "hono";
import type { Sql } from "postgres";
import { may, type OpsEnv } from "../ops/access/guard.ts";
import type { OpsOptions } from "../replay/request-producer.ts";
import { exportFromBoth } from "./export-from-both.ts";
import { readPatient } from "./patient.ts";

/** `POST /ops/patients/export`: the address or number is in the body, so that it is in no address and no log. */
export function createPatientRoutes(sources: { sql: Sql; producer: OpsOptions | undefined }): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  app.post("/patients/export", async (context) => {
    if (!may(context, "ops:personal")) return context.text("This key lacks the scope ops:personal.\n", 403);
    // No form of another site can send JSON.
    const isJson = context.req.header("content-type")?.startsWith("application/json") === true;
    const asked: unknown = isJson ? await context.req.json().catch(() => undefined) : undefined;
    const patient = readPatient(asked);
    if (!patient) return context.json({ title: "expected a JSON object with one of email and phone" }, 400);
    const exported = await exportFromBoth(sources, patient);
    context.set("resource", exported.consumer.visits.map((visit) => visit["appointment_id"]).join(" ") || "nobody");
    return context.json(exported);
  });
  return app;
}
