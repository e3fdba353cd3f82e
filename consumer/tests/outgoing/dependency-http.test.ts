import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createCalendarJob } from "../../src/jobs/calendar/calendar.ts";
import { historyOf } from "../jobs/calendar/calendar-events.ts";
import { startCalendarServer } from "../jobs/calendar/calendar-server.ts";
import { eventually } from "../support/eventually.ts";
import { runSenders } from "./dependency-harness.ts";
import { appointmentEvents, doctorUpdated } from "../jobs/notifications/notifications-events.ts";
import { createHarness, type Harness } from "../jobs/notifications/notifications-harness.ts";
import { startMailServer } from "../jobs/notifications/mail-server.ts";
import { accept, reply, startSmsGateway } from "../jobs/notifications/sms-gateway.ts";
import { type Certificate, createAuthority, fileOf } from "../support/certificates.ts";
import { handleEvent } from "../support/handle-event.ts";

let harness: Harness;
const authority = createAuthority();
const selfSigned = authority.selfSigned();
const trusted: [string, Certificate, string][] = [
  ["its own authority", authority.issue(), authority.ca],
  ["a self-signed certificate that is trusted itself", selfSigned, selfSigned.cert],
];
const untrusted: [string, Certificate, string | undefined][] = [
  ["an authority that nobody named", authority.issue(), undefined],
  ["a self-signed certificate", selfSigned, authority.ca],
  ["an expired certificate", authority.issue({ notAfter: new Date(Date.now() - 60_000) }), authority.ca],
  ["another host's certificate", authority.issue({ host: "other.clinic.example" }), authority.ca],
];

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());

describe("calendars", () => {
  const states = async () => {
    const rows = await harness.sql<{ state: string; attempts: number }[]>`select state, attempts from calendar_intents`;
    return [...rows];
  };

  async function start({ password = "secret", tls, ca }: { password?: string; tls?: Certificate; ca?: string }) {
    const calendars = await startCalendarServer("clinic", "secret", tls);
    onTestFinished(() => calendars.stop());
    await harness.sql`truncate calendar_visits, calendar_intents`;
    const visit = historyOf(1);
    await handleEvent(harness.sql, createCalendarJob(), visit.created());
    const consumer = runSenders(harness.sql, {
      JOBS: "calendar",
      CALDAV_URL: calendars.url,
      CALDAV_USERNAME: "clinic",
      CALDAV_PASSWORD: password,
      ...(ca !== undefined && { CALDAV_CA_FILE: fileOf(ca) }),
    });
    const move = () =>
      handleEvent(harness.sql, createCalendarJob(), visit.rescheduled("house", "2026-05-06T10:00:00Z"));
    return { calendars, move, ...consumer };
  }

  test.each(trusted)("are written on a server with %s", async (_, tls, ca) => {
    const { calendars, refusing } = await start({ tls, ca });
    await eventually(() => expect(calendars.resources.size).toBe(1));
    expect(await refusing("caldav")).toEqual([]);
  });

  test.each(untrusted)("on a server with %s are a refusal", async (_, tls, ca) => {
    const { calendars, expectRefusal } = await start({ tls, ...(ca !== undefined && { ca }) });
    await expectRefusal("caldav", "tls");
    expect(calendars.writes).toEqual([]);
    expect(await states()).toEqual([{ state: "pending", attempts: 0 }]);
  });

  test("with a wrong password are a refusal, which uses up no attempt and ends with the password", async () => {
    const { expectRefusal } = await start({ password: "other" });
    await expectRefusal("caldav", "authentication");
    expect(await states()).toEqual([{ state: "pending", attempts: 0 }]);
  });

  test("that the user may not write are a refusal; what a calendar doesn't take is that entry's business", async () => {
    const { calendars, move, expectRefusal, refusing } = await start({});
    await eventually(() => expect(calendars.resources.size).toBe(1));
    calendars.intercept = (method) => method === "PUT" ? 415 : undefined;
    await move();
    await eventually(async () => expect((await states())[0]!.attempts).toBeGreaterThan(0));
    expect(await refusing("caldav")).toEqual([]);

    calendars.intercept = (method) => method === "PUT" ? 403 : undefined;
    await expectRefusal("caldav", "authentication");
    calendars.intercept = () => undefined;
    await eventually(async () => expect(await refusing("caldav")).toEqual([]));
  });

  test("that take no entry at all are a refusal", async () => {
    const { calendars, expectRefusal } = await start({});
    calendars.intercept = (method) => method === "PUT" ? 415 : undefined;
    for (const index of [2, 3]) await handleEvent(harness.sql, createCalendarJob(), historyOf(index).created());
    await expectRefusal("caldav", "rejected");
  });

  test.each([503, 500, 429])("that answer %i are an outage", async (status) => {
    const { calendars, move, expectOutage } = await start({});
    await eventually(() => expect(calendars.resources.size).toBe(1));
    calendars.intercept = () => status;
    await move();
    await expectOutage("caldav");
  });

  test("whose server is away are an outage", async () => {
    const { calendars, expectOutage } = await start({});
    await calendars.stop();
    await handleEvent(harness.sql, createCalendarJob(), historyOf(2).created());
    await expectOutage("caldav");
  });
});

describe("text messages", () => {
  beforeEach(async () => {
    await harness.empty();
    harness.clock.ms = Date.now();
    await harness.deliver(doctorUpdated("dr-lovelace"));
    await harness.deliver(appointmentEvents().created({ patientPhone: "+4930123456" }));
  });

  async function start(answer: Parameters<typeof startSmsGateway>[0], tls?: Certificate, ca?: string) {
    const gateway = await startSmsGateway(answer, tls);
    const mail = await startMailServer();
    const consumer = runSenders(harness.sql, {
      JOBS: "notifications",
      SMTP_URL: mail.url,
      MAIL_FROM: "appointments@clinic.example",
      SMS_URL: gateway.url,
      SMS_ACCOUNT_SID: "AC1",
      SMS_AUTH_TOKEN: "secret",
      SMS_FROM: "+4930999999",
      ...(ca !== undefined && { SMS_CA_FILE: fileOf(ca) }),
    });
    return { gateway, ...consumer };
  }

  test.each(trusted)("go out to a gateway with %s", async (_, tls, ca) => {
    const { gateway, refusing } = await start(accept, tls, ca);
    await eventually(() => expect(gateway.texts).toHaveLength(1));
    expect(await refusing("sms")).toEqual([]);
  });

  test.each(untrusted)("to a gateway with %s are a refusal", async (_, tls, ca) => {
    const { gateway, expectRefusal } = await start(accept, tls, ca);
    await expectRefusal("sms", "tls");
    expect(gateway.requests).toBe(0);
    await eventually(async () => expect(await harness.states()).toEqual({ sent: 2, pending: 1 }));
  });

  test.each([401, 403, 404])("to a gateway that answers %i are a refusal", async (status) => {
    const { expectRefusal } = await start((_, response) => reply(response, status, { code: 20003, status }));
    await expectRefusal("sms", "authentication");
    await eventually(async () => expect(await harness.states()).toEqual({ sent: 2, pending: 1 }));
  });

  test("to a gateway that takes none are a refusal", async () => {
    await harness.deliver(appointmentEvents().created({ patientPhone: "+4930123457" }));
    const { expectRefusal } = await start((_, response) => reply(response, 400, { code: 21606, status: 400 }));
    await expectRefusal("sms", "rejected");
    await eventually(async () => expect(await harness.states()).toEqual({ sent: 4, failed: 1, pending: 1 }));
  });

  test.each([429, 503])("to a gateway that answers %i are an outage", async (status) => {
    const { expectOutage } = await start((_, response) => reply(response, status, {}));
    await expectOutage("sms");
  });
});
