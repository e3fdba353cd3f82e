import { expect, test } from "vitest";
import type { MessageWriter } from "./message-writer.ts";
import { createWritableCheck } from "./require-writable.ts";
import type { NewSend, SendContent } from "./send.ts";

const content: SendContent = {
  locale: "en",
  sequence: 0,
  stamp: "2030-01-01T00:00:00Z",
  startsAt: "2030-06-01T10:00:00Z",
  durationMinutes: 30,
  timeZone: "Europe/Berlin",
  doctorName: "Dr. Ada Lovelace",
};
const send = (changes: Partial<Omit<NewSend, "content">> = {}, of: Partial<SendContent> = {}): NewSend => ({
  eventKey: crypto.randomUUID(),
  channel: "email",
  recipient: `${crypto.randomUUID()}@example.org`,
  template: "patient-booked",
  appointmentId: crypto.randomUUID(),
  correlationId: undefined,
  dueAt: new Date(0),
  ...changes,
  content: { ...content, ...of },
});

/** Counts what is written, and can't write what is in that zone. */
function countingWriter() {
  const written: NewSend[] = [];
  const write = (one: NewSend) => {
    written.push(one);
    if (one.content.timeZone === "Mars/Olympus") throw new Error("no such zone");
  };
  const writer = { mail: write, text: write } as unknown as MessageWriter;
  return { written, require: createWritableCheck(writer) };
}

test("what differs only in who and when is tried once", () => {
  const { written, require } = countingWriter();
  require([send(), send({}, { startsAt: "2031-01-01T09:00:00Z", doctorName: "Dr. Grace Hopper" }), send()]);
  expect(written).toHaveLength(1);
});

test.each([
  ["channel", send({ channel: "sms" })],
  ["template", send({ template: "patient-moved" })],
  ["language", send({}, { locale: "de" })],
  ["zone", send({}, { timeZone: "Asia/Tokyo" })],
  ["calendar", send({}, { calendarWritten: true })],
  ["zone in the subject", send({}, { zoneInSubject: true })],
  ["time before", send({}, { previous: { startsAt: content.startsAt, doctorName: content.doctorName } })],
])("another %s is tried", (_, other) => {
  const { written, require } = countingWriter();
  require([send(), other]);
  expect(written).toHaveLength(2);
});

test.each(["9999-12-31T23:50:00.000Z", "0001-01-01T00:00:00.000Z"])(
  "each at the end of the calendar is tried: %s",
  (startsAt) => {
    const { written, require } = countingWriter();
    require([send({}, { startsAt }), send({}, { startsAt })]);
    expect(written).toHaveLength(2);
  },
);

test("what could not be written is refused each time", () => {
  const { require } = countingWriter();
  for (let n = 0; n < 2; n++) {
    expect(() => require([send({}, { timeZone: "Mars/Olympus" })])).toThrow(
      "patient-booked can't be written: no such zone",
    );
  }
});
