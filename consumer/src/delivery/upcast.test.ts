import { expect, test } from "vitest";
import { PermanentError } from "./permanent-error.ts";
import { upcast, type Upcasters } from "./upcast.ts";

const upcasters: Upcasters = {
  "appointment.created": {
    1({ payload, ...event }) {
      const { doctorId } = payload as { doctorId: string };
      return { ...event, payload: { doctorId, durationMinutes: 30 } };
    },
    2: ({ payload, ...event }) => ({ ...event, payload: { visit: payload } }),
  },
};

const event = (version: number, eventName = "appointment.created") => ({
  eventName,
  version,
  payload: { doctorId: "d" },
});

test("an old event goes through every step up to the current version", () => {
  expect(upcast(event(1), { oldest: 3, newest: 3 }, upcasters)).toEqual({
    eventName: "appointment.created",
    version: 3,
    payload: { visit: { doctorId: "d", durationMinutes: 30 } },
  });
  expect(upcast(event(2), { oldest: 3, newest: 3 }, upcasters)).toMatchObject({
    version: 3,
    payload: { visit: { doctorId: "d" } },
  });
});

test("an event of a version that is read as it is, the newest or an older one, is left so", () => {
  expect(upcast(event(2), { oldest: 2, newest: 3 }, upcasters)).toEqual(event(2));
  expect(upcast(event(3), { oldest: 3, newest: 3 }, upcasters)).toEqual(event(3));
});

test.each([
  ["newer-version", event(4)],
  ["unknown-version", event(0)],
  ["unknown-version", event(1, "appointment.cancelled")],
  ["unknown-version", event(1.5)],
  ["upcast-failed", { ...event(1), payload: null as never }],
])("%s is told as such", (reason, received) => {
  try {
    upcast(received, { oldest: 3, newest: 3 }, upcasters);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ reason });
  }
});
