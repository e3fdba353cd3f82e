import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import postgres from "postgres";

/**
 * What the producer is measured against: the same framework and driver on the same tables, with nothing but the work itself.
 * A booking is two inserts in one transaction, a read is one select. No check, no log, no metric.
 */
const sql = postgres(process.env["DATABASE_URL"]!, { max: 10, onnotice: () => {} });
const app = new Hono();

app.post("/v1/appointments", async (c) => {
  const { patientEmail, doctorId, appointmentDate, durationMinutes } = await c.req.json();
  const [id, eventId] = [crypto.randomUUID(), crypto.randomUUID()];
  const starts = new Date(appointmentDate);
  const now = new Date();
  const appointment = {
    id,
    version: 1,
    status: "booked",
    overbooked: false,
    doctor_id: doctorId,
    starts_at: starts,
    ends_at: new Date(starts.getTime() + durationMinutes * 60_000),
    time_zone: "Europe/Berlin",
    patient_email: patientEmail,
    created_at: now,
    updated_at: now,
  };
  const body = JSON.stringify({ ...appointment, eventId, eventName: "appointment.created", version: 1 });
  await sql.begin(async (tx) => {
    await tx`INSERT INTO appointments ${tx(appointment)}`;
    await tx`INSERT INTO outbox ${
      tx({
        event_id: eventId,
        event_name: "appointment.created",
        aggregate_type: "appointment",
        aggregate_id: id,
        aggregate_version: 1,
        correlation_id: eventId,
        occurred_at: now,
        body,
        headers: tx.json({}),
      })
    }`;
  });
  return c.json(appointment, 201);
});

app.get("/v1/appointments/:id", async (c) => {
  const [row] = await sql`SELECT * FROM appointments WHERE id = ${c.req.param("id")}`;
  return c.json(row);
});

const server = createServer(getRequestListener(app.fetch));
server.listen(0, "127.0.0.1", () => console.log(`listening ${(server.address() as AddressInfo).port}`));
