import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Telling, tellings } from "../availability/commands.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness } from "./notifications-harness.ts";

type Event = Parameters<Harness["deliver"]>[0];
const leads = { reminderLeadMinutes: [24 * 60, 2 * 60] };

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());

const doctor = fc.constantFrom("dr-lovelace", "dr-hopper");
const step = fc.oneof(
  fc.record({ kind: fc.constant("rescheduled" as const), doctor, day: fc.integer({ min: 1, max: 28 }) }),
  fc.record({
    kind: fc.constant("contactChanged" as const),
    contact: fc.constantFrom("a@example.org", "b@example.org"),
  }),
  fc.record({ kind: fc.constant("takenBack" as const), what: fc.constantFrom("arrived", "noShow", "completed") }),
);
const ending = fc.constantFrom("none", "cancelled", "arrived", "noShow", "completed");

const course = fc.record({ steps: fc.array(step, { maxLength: 4 }), ending });

/** A history of one appointment, and the doctors', as the producer would tell it. */
const historyOf = (courses: typeof course) =>
  courses.map(({ steps, ending }) => {
    const events = appointmentEvents();
    const told: Event[] = [events.created({ patientPhone: "+4930123456" })];
    let doctorId = "dr-lovelace";
    let place = { appointmentDate: "2026-12-01T10:00:00+01:00", durationMinutes: 30 };
    for (const step of steps) {
      const version = told.length + 1;
      if (step.kind === "rescheduled") {
        const appointmentDate = `2026-12-${String(step.day).padStart(2, "0")}T09:00:00+01:00`;
        told.push(events.rescheduled(version, { doctorId: step.doctor, previousDoctorId: doctorId, appointmentDate }));
        doctorId = step.doctor;
        place = { appointmentDate, durationMinutes: 45 };
      } else if (step.kind === "takenBack") {
        told.push(events[step.what as "arrived"](version), events.reopened(version + 1, { doctorId, ...place }));
      } else {
        told.push(events.contactChanged(version, { patientEmail: step.contact, patientPhone: "+4930654321" }));
      }
    }
    if (ending === "cancelled") told.push(events.cancelled(told.length + 1, { doctorId }));
    else if (ending !== "none") told.push(events[ending as "arrived"](told.length + 1));
    return [doctorUpdated("dr-lovelace"), doctorUpdated("dr-hopper"), ...told];
  });
const history = historyOf(course);
/** What is taken back has its place in a history by its version only. */
const straight = historyOf(course.filter(({ steps }) => steps.every(({ kind }) => kind !== "takenBack")));

/** Delivers until nothing waits any more, as the retry queues do. */
async function deliverAll(events: Event[]): Promise<void> {
  let waiting = events;
  while (waiting.length > 0) {
    const again: Event[] = [];
    for (const event of waiting) {
      if ((await harness.deliver(event, leads)).kind === "wait") again.push(event);
    }
    expect(again.length).toBeLessThan(waiting.length);
    waiting = again;
  }
}

async function result() {
  const { sql } = harness;
  return {
    doctors: await sql`select * from notification_doctors order by doctor_id`,
    visits: await sql`select * from notification_visits order by appointment_id`,
    reminders: await sql`select * from notification_reminders order by due_at`,
    // Identity values have holes where an event was refused; their order is what counts.
    sends: await sql`
      select event_key, channel, recipient, template, content, state, due_at from sends order by id`,
  };
}

it("says the same to the same people in the same order, whatever the order and repetition of the events", async () => {
  await fc.assert(
    fc.asyncProperty(
      history.chain((events) =>
        fc.record({
          events: fc.constant(events),
          shuffled: fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        })
      ),
      async ({ events, shuffled }) => {
        await harness.empty();
        await deliverAll(events);
        const expected = await result();
        await harness.empty();
        await deliverAll(shuffled);
        expect(await result()).toEqual(expected);
      },
    ),
    { numRuns: 25, seed: 20261123 },
  );
}, 60_000);

/** The same events as a producer tells them that gives no versions, or only some, perhaps all in one instant. */
function retold(events: Event[], { versioned, atOnce }: Telling): Event[] {
  let at = "";
  return events.map((event, index) => {
    if (!atOnce[index % atOnce.length]) at = event.timestamp;
    const { aggregateVersion, ...rest } = event;
    return {
      ...rest,
      timestamp: at || event.timestamp,
      ...(versioned[index % versioned.length] && { aggregateVersion }),
    } as Event;
  });
}

it("needs neither versions nor different timestamps to tell a history that comes in order", async () => {
  const told = async () => {
    const { visits, sends, reminders } = await result();
    return {
      visits: visits.map(({ at: _, version: __, ...visit }) => visit),
      sends: sends.map(({ content: { stamp: _, ...content }, ...send }) => ({ ...send, content })),
      reminders,
    };
  };
  await fc.assert(
    fc.asyncProperty(history, tellings, async (events, telling) => {
      await harness.empty();
      await deliverAll(events);
      const expected = await told();
      await harness.empty();
      await deliverAll(retold(events, telling));
      expect(await told()).toEqual(expected);
    }),
    { numRuns: 25 },
  );
}, 60_000);

it(
  "ends as the visit did, and says nothing after a cancellation, in any order of events without versions",
  async () => {
    const histories = straight.chain((events) =>
      fc.record({
        events: fc.constant(events),
        telling: tellings.map(({ atOnce }) => ({ versioned: [false], atOnce })),
        order: fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
      })
    );
    await fc.assert(
      fc.asyncProperty(histories, async ({ events, telling, order }) => {
        await harness.empty();
        await deliverAll(events);
        const [expected] = (await result()).visits;
        await harness.empty();
        const bare = retold(events, telling);
        await deliverAll(order.map((index) => bare[index]!));
        const { visits: [visit], reminders, sends } = await result();
        expect(visit?.["status"]).toBe(expected?.["status"]);
        if (expected?.["status"] !== "booked") expect(reminders).toEqual([]);
        if (expected?.["status"] === "cancelled") {
          const templates = sends.map(({ template }) => template);
          expect(templates.filter((template) => template === "patient-cancelled")).toHaveLength(1);
          expect(templates.slice(templates.indexOf("patient-cancelled")).filter((name) => /moved|booked/.test(name)))
            .toEqual([]);
        }
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);

it("orders events without versions by their timestamps, and counts their SEQUENCE", async () => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  const events = appointmentEvents();
  const bare = (event: Event): Event => ({ ...event, aggregateVersion: undefined });
  expect(await harness.deliver(bare(events.rescheduled(2)))).toMatchObject({ kind: "wait" });
  for (const event of [events.created(), events.rescheduled(3), events.rescheduled(2), events.cancelled(4)]) {
    await harness.deliver(bare(event));
  }
  const sends = await harness.sql`
    select template, content ->> 'sequence' as sequence from sends where template like 'patient-%' order by id`;
  expect(sends.map(({ template, sequence }) => `${template} ${sequence}`)).toEqual([
    "patient-booked 0",
    "patient-moved 1",
    "patient-cancelled 2",
  ]);
});

it("refuses for good what names a time zone that does not exist", async () => {
  await expect(harness.deliver(doctorUpdated("dr-who", { timeZone: "Mars/Olympus" }))).rejects.toMatchObject({
    name: "PermanentError",
    reason: "unknown-time-zone",
  });
});

it.each([
  ["that ends in a year of five digits", "9999-12-31T23:50:00Z"],
  ["that begins in one", "9999-12-31T23:59:00-12:00"],
])("refuses for good a visit %s, before anything was written down", async (_, appointmentDate) => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace", { timeZone: "UTC" }));
  await expect(harness.deliver(appointmentEvents().created({ appointmentDate }))).rejects.toMatchObject({
    name: "PermanentError",
    reason: "unwritable-message",
    message: "patient-booked can't be written: iCalendar has no year 10000",
  });
  expect(await harness.sql`select 1 from notification_visits`).toHaveLength(0);
  expect(await harness.states()).toEqual({});
});
