import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { loadContract, PRODUCER_DOCUMENT } from "../contract.ts";
import type { WireMessage } from "../wire/capture.ts";
import { workingTree } from "../working-tree.ts";
import { validateAgainst } from "./replay.ts";

const read = workingTree(new URL("../../..", import.meta.url).pathname);

// deno-lint-ignore no-explicit-any -- the document is edited freely
function contractWith(edit: (producer: any) => void) {
  const producer = parse(read(PRODUCER_DOCUMENT));
  edit(producer);
  return loadContract((path) => path === PRODUCER_DOCUMENT ? JSON.stringify(producer) : read(path));
}

const arrived = {
  eventName: "appointment.arrived",
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  timestamp: "2026-11-23T08:08:00.000Z",
  version: 1,
  payload: { doctorId: "dr-hopper", appointmentDate: "2026-12-03T09:30:00+01:00" },
};
const message = (body: object, routingKey = "appointment.arrived") =>
  ({
    exchange: "appointments.ex",
    routingKey,
    properties: {},
    content: Buffer.from(JSON.stringify(body)),
  }) as unknown as WireMessage;

test("an older reader ignores a field that it does not know", () => {
  const newer = { ...arrived, payload: { ...arrived.payload, room: "12" } };
  expect(validateAgainst(contractWith(() => {}), [message(newer)])).toEqual({ understood: 1, of: 1, problems: [] });
});

test("a field that an older release demands is missed", () => {
  const older = contractWith((producer) => producer.components.schemas.AppointmentArrived.required.push("actor"));
  expect(validateAgainst(older, [message(arrived)])).toMatchObject({
    understood: 0,
    problems: ["appointment.arrived / must have required property 'actor'"],
  });
});

test("a version that is newer than an older release waits there for its upgrade", () => {
  const newer = { ...arrived, version: 2, payload: {} };
  expect(validateAgainst(contractWith(() => {}), [message(newer), message(arrived)])).toEqual({
    understood: 1,
    of: 2,
    waiting: 1,
    problems: [],
  });
});

test("an event that an older release does not know is a problem where its key still reaches a queue", () => {
  const unknown = { ...arrived, eventName: "appointment.confirmed" };
  const known = contractWith(() => {});
  expect(validateAgainst(known, [message(unknown, "appointment.confirmed")]).problems).toEqual([
    "appointment.confirmed is unknown there, but reaches notifications, availability, audit, calendar",
  ]);
  expect(validateAgainst(known, [message(unknown, "billing.confirmed")]).problems).toEqual([]);
});

test("an event that a higher major version has announced waits there for its upgrade", () => {
  const unknown = [message({ ...arrived, eventName: "appointment.confirmed" }, "appointment.confirmed")];
  const sender = (version: string) => contractWith((producer) => (producer.info.version = version));
  const [older, next, minor] = [sender("1.4.0"), sender("2.0.0"), sender("1.5.0")];
  expect(validateAgainst(older, unknown, next)).toEqual({ understood: 0, of: 1, waiting: 1, problems: [] });
  expect(validateAgainst(older, unknown, minor).problems).toHaveLength(1);
});
