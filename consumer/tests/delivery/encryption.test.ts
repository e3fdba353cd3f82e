import { randomUUID } from "node:crypto";
import type { GetMessage } from "amqplib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNotificationsJob } from "../../src/jobs/notifications/notifications.ts";
import { createAnalyticsJob } from "../../src/jobs/analytics/analytics.ts";
import { createAuditJob } from "../../src/jobs/audit/audit.ts";
import { createAvailabilityJob } from "../../src/jobs/availability/availability.ts";
import { createKeyReader } from "../../src/patient-keys/key-reader.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import type { Job } from "../../src/jobs/job.ts";
import { writer } from "../jobs/notifications/notifications-harness.ts";
import { createDeliveryHarness, type DeliveryHarness } from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";
import { createKeyDatabase, type KeyDatabase, type PlainEvent } from "../support/key-database.ts";

let harness: DeliveryHarness;
let consume: () => () => Promise<void>;
let halt: () => Promise<void>;
let keys: KeyDatabase;
let elapsedMs = 0;
/** Questions that nobody answered; undefined while the database of the keys is there. */
let unanswered: number | undefined;

const notifications = createNotificationsJob({ sms: true, defaultLocale: "en", reminderLeadMinutes: [], writer });

beforeAll(async () => {
  [harness, keys] = await Promise.all([createDeliveryHarness(), createKeyDatabase()]);
  const jobs = [notifications, createAnalyticsJob(), createAuditJob(), createAvailabilityJob()] as Job[];
  const [there, away] = [keys.findKeys(() => elapsedMs), keysNowhere()];
  consume = () =>
    harness.consume(jobs, {
      async findKeys(kids) {
        if (unanswered === undefined) return await there(kids);
        unanswered += 1;
        return await away(kids);
      },
    });
  halt = consume();
  await harness.publish(
    {
      eventName: "doctor.updated",
      aggregateId: "dr-1",
      timestamp: "2026-02-01T10:00:00Z",
      version: 1,
      eventId: randomUUID(),
      payload: {
        name: "Dr. One",
        email: "one@clinic.example",
        timeZone: "Europe/Berlin",
        workingHours: [],
        exceptions: [],
      },
    },
    {},
    undefined,
    "doctor.updated",
  );
  await eventually(async () => expect(await harness.database.sql`select from notification_doctors`).toHaveLength(1));
});
afterAll(async () => {
  await harness.close();
  await keys.drop();
});

function neverAsked(): never {
  throw new Error("never asked");
}

/** Where no PostgreSQL listens. */
function keysNowhere() {
  const sql = connectPostgres("postgres://127.0.0.1:9/keys", { max: 1 });
  return createKeyReader({ sql, unwrap: neverAsked, elapsedMs: () => elapsedMs });
}

let patients = 0;

function booked(more: Partial<PlainEvent> = {}): PlainEvent {
  const { payload, ...rest } = more;
  return {
    eventName: "appointment.created",
    aggregateId: randomUUID(),
    timestamp: "2026-03-01T10:00:00Z",
    version: 1,
    eventId: randomUUID(),
    aggregateVersion: 1,
    ...rest,
    payload: {
      patientEmail: `patient-${++patients}@example.org`,
      doctorId: "dr-1",
      appointmentDate: "2027-03-02T10:00:00+01:00",
      ...payload,
    },
  };
}

async function mailed(aggregateId: string): Promise<string[]> {
  const rows = await harness.database.sql<{ sent: string }[]>`
    select template || ' ' || recipient as sent from sends where appointment_id = ${aggregateId} order by 1`;
  return rows.map(({ sent }) => sent);
}

const isMailed = (event: PlainEvent, ...to: string[]) =>
  eventually(async () => expect(await mailed(event.aggregateId)).toEqual(["doctor-booked one@clinic.example", ...to]));

async function nextDead(): Promise<GetMessage> {
  return await eventually(async () => {
    const message = await harness.take(harness.topology.notifications.deadLetter.queue);
    expect(message).toBeDefined();
    return message!;
  });
}

/** Publishes one that can't be opened and one that can, and answers why the first is a dead letter. */
async function whyDead(broken: unknown): Promise<{ reason: string; error: string }> {
  await harness.publish(broken);
  const next = booked();
  await harness.publish(await keys.encrypt(await keys.addKey(), next));
  await isMailed(next, `patient-booked ${next.payload["patientEmail"]}`);
  const { properties: { headers } } = await nextDead();
  expect(headers?.["x-attempts"]).toBe(1);
  return { reason: headers?.["x-reason"], error: headers?.["x-error-message"] };
}

const cut = (event: PlainEvent, change: (personalData: string) => string): PlainEvent => ({
  ...event,
  payload: { ...event.payload, personalData: change(String(event.payload["personalData"])) },
});

test("an encrypted booking is told to its patient, and the jobs that read nothing personal need no key", async () => {
  const kid = await keys.addKey();
  const event = booked({ payload: { patientPhone: "+4930123456", patientName: "Ada King", locale: "de" } });
  await harness.publish(await keys.encrypt(kid, event));
  await isMailed(event, `patient-booked ${event.payload["patientEmail"]}`, "sms-booked +4930123456");
  const { sql } = harness.database;
  expect(await sql`select patient_name, locale from notification_visits where appointment_id = ${event.aggregateId}`)
    .toEqual([{ patient_name: "Ada King", locale: "de" }]);
  await eventually(async () => {
    const rows = await sql`select job, outcome from inbox where event_key = ${event.eventId} order by job`;
    expect(rows.map(({ job, outcome }) => `${job} ${outcome}`)).toEqual([
      "analytics applied",
      "audit applied",
      "availability applied",
      "notifications applied",
    ]);
  });
  const trail = JSON.stringify(await sql`select * from audit_outcomes where event_key = ${event.eventId}`);
  expect(trail).not.toContain("patient-");
  expect(trail).not.toContain("personalData");
});

test("a patient without an address, a change of the contact, and both forms in turn are read", async () => {
  const kid = await keys.addKey();
  const event = booked({ payload: { patientEmail: undefined, patientPhone: "+4930777777" } });
  await harness.publish(await keys.encrypt(kid, event));
  await isMailed(event, "sms-booked +4930777777");
  const changed = (aggregateVersion: number, payload: Record<string, unknown>): PlainEvent => ({
    ...event,
    eventName: "appointment.contact_changed",
    eventId: randomUUID(),
    aggregateVersion,
    payload,
  });
  const contactChanged = "appointment.contact_changed";
  await harness.publish(changed(2, { locale: "fr" }), {}, undefined, contactChanged);
  const encrypted = await keys.encrypt(kid, changed(3, { patientPhone: "+4930888888", removed: ["patientName"] }));
  await harness.publish(encrypted, {}, undefined, contactChanged);
  await eventually(async () =>
    expect(
      await harness.database
        .sql`select patient_phone, locale from notification_visits where appointment_id = ${event.aggregateId}`,
    ).toEqual([{ patient_phone: "+4930888888", locale: "fr" }])
  );
});

test("events of a visit keep their order, whichever of them have to be opened", async () => {
  const kid = await keys.addKey();
  const visits = Array.from({ length: 30 }, () => booked());
  const published = visits.map(async (event) => {
    await harness.publish(await keys.encrypt(kid, event));
    await harness.publish(
      {
        ...event,
        eventName: "appointment.cancelled",
        eventId: randomUUID(),
        aggregateVersion: 2,
        payload: { doctorId: "dr-1", appointmentDate: event.payload["appointmentDate"], durationMinutes: 30 },
      },
      {},
      undefined,
      "appointment.cancelled",
    );
  });
  await Promise.all(published);
  await eventually(async () => {
    const rows = await harness.database.sql`
      select from notification_visits where status = 'cancelled' and appointment_id = any(${
      visits.map(({ aggregateId }) => aggregateId)
    }::uuid[])`;
    expect(rows).toHaveLength(30);
  });
  // Nobody had to wait for a predecessor.
  expect((await harness.metrics.waited.get()).values.filter(({ value }) => value > 0)).toEqual([]);
});

test("a ciphertext that was changed is a dead letter with that reason, and the next message flows", async () => {
  const event = await keys.encrypt(await keys.addKey(), booked());
  const changed = cut(event, (text) => {
    const parts = text.split(".");
    parts[3] = `${parts[3]!.startsWith("A") ? "B" : "A"}${parts[3]!.slice(1)}`;
    return parts.join(".");
  });
  expect((await whyDead(changed)).reason).toBe("tampered-ciphertext");
});

test("a changed header is noticed like a changed ciphertext", async () => {
  const event = await keys.encrypt(await keys.addKey(), booked());
  const changed = cut(event, (text) => {
    const [header, ...parts] = text.split(".");
    const fields = JSON.parse(Buffer.from(header!, "base64url").toString());
    return [Buffer.from(JSON.stringify({ ...fields, more: 1 })).toString("base64url"), ...parts].join(".");
  });
  expect((await whyDead(changed)).reason).toBe("tampered-ciphertext");
});

test("a truncated ciphertext, and what is none, are dead letters with that reason", async () => {
  const event = await keys.encrypt(await keys.addKey(), booked());
  for (const change of [(text: string) => text.slice(0, -9), (text: string) => text.slice(0, 40), () => "nothing"]) {
    expect((await whyDead(cut(event, change))).reason).toBe("malformed-ciphertext");
  }
});

test("a ciphertext under another key, or under one that nobody knows, is a dead letter with that reason", async () => {
  const [kid, other] = [await keys.addKey(), await keys.addKey()];
  const event = await keys.encrypt(kid, booked());
  const foreign = cut(event, (text) => {
    const [header, ...parts] = text.split(".");
    const fields = JSON.parse(Buffer.from(header!, "base64url").toString());
    return [Buffer.from(JSON.stringify({ ...fields, kid: other })).toString("base64url"), ...parts].join(".");
  });
  expect((await whyDead(foreign)).reason).toBe("tampered-ciphertext");
  const unknown = await whyDead(await keys.encrypt(randomUUID(), booked()));
  expect(unknown.reason).toBe("unknown-key");
  expect((await whyDead(await keys.encrypt("ann@example.org", booked()))).error).not.toContain("ann@example.org");
});

test("a ciphertext of another event is a dead letter with that reason, whatever of its binding differs", async () => {
  const kid = await keys.addKey();
  for (
    const bound of [{ eventId: randomUUID() }, { aggregateId: randomUUID() }, { eventName: "appointment.cancelled" }]
  ) {
    const { reason, error } = await whyDead(await keys.encrypt(kid, booked(), bound));
    expect(reason).toBe("foreign-ciphertext");
    expect(error).toContain(Object.keys(bound)[0]);
  }
});

test("what is encrypted can't take the place of what is plain, and is held against the contract", async () => {
  const kid = await keys.addKey();
  const event = booked({ payload: { patientEmail: "no address" } });
  expect(await whyDead(await keys.encrypt(kid, event))).toMatchObject({
    reason: "schema-violation",
    error: expect.not.stringContaining("no address"),
  });
});

test("what comes of an erased patient is acknowledged and audited as erased, whose key is destroyed", async () => {
  const kid = await keys.addKey();
  const event = await keys.encrypt(kid, booked());
  await keys.destroy(kid);
  await harness.publish(event);
  const emptied = booked();
  await harness.publish(cut(await keys.encrypt(kid, emptied), () => "erased"));
  for (const { eventId, aggregateId } of [event, emptied]) {
    await eventually(async () =>
      expect(
        await harness.database.sql`
        select action from audit_outcomes where event_key = ${eventId} and job = 'notifications'`,
      )
        .toEqual([{ action: "erased" }])
    );
    expect(await mailed(aggregateId)).toEqual([]);
  }
});

test("while the database of the keys is away an event waits and uses up no attempt", async () => {
  const event = booked();
  const encrypted = await keys.encrypt(await keys.addKey(), event);
  unanswered = 0;
  await harness.publish(encrypted);
  await eventually(() => expect(unanswered).toBeGreaterThan(1));
  unanswered = undefined;
  await isMailed(event, `patient-booked ${event.payload["patientEmail"]}`);
  expect((await harness.metrics.retried.get()).values.filter(({ value }) => value > 0)).toEqual([]);
});

test("one that was delivered before, and waits for its key, holds no other job up", async () => {
  await halt();
  const event = booked();
  await harness.publish(await keys.encrypt(await keys.addKey(), event));
  const channel = await (await harness.connection.current(new AbortController().signal)).createChannel();
  const taken = await eventually(async () => {
    const message = await channel.get(harness.topology.notifications.name);
    if (!message) throw new Error("The event is not there yet");
    return message;
  });
  channel.nack(taken, false, true);
  await channel.close();
  unanswered = 0;
  halt = consume();
  await eventually(() => expect(unanswered).toBeGreaterThan(1));
  const other = booked();
  await harness.publish(other);
  await eventually(async () =>
    expect(
      await harness.database.sql`
      select from inbox where event_key = ${other.eventId} and job in ('analytics', 'audit', 'availability')`,
    ).toHaveLength(3)
  );
  unanswered = undefined;
  for (const one of [event, other]) await isMailed(one, `patient-booked ${one.payload["patientEmail"]}`);
});

test("a key is remembered for a minute and no longer", async () => {
  const kid = await keys.addKey();
  const [first, second, third] = [booked(), booked(), booked()];
  await harness.publish(await keys.encrypt(kid, first));
  await isMailed(first, `patient-booked ${first.payload["patientEmail"]}`);
  await keys.destroy(kid);
  elapsedMs += 59_000;
  await harness.publish(await keys.encrypt(kid, second));
  await isMailed(second, `patient-booked ${second.payload["patientEmail"]}`);
  elapsedMs += 1_001;
  await harness.publish(await keys.encrypt(kid, third));
  await eventually(async () =>
    expect(
      await harness.database.sql`
      select action from audit_outcomes where event_key = ${third.eventId} and job = 'notifications'`,
    )
      .toEqual([{ action: "erased" }])
  );
});
