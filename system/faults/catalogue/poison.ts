import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { type ChannelModel, connect, type Options } from "amqplib";
import type { Fault } from "../fault.ts";
import { strangersId } from "../oracle.ts";

interface Poison {
  content: Buffer;
  properties?: Options.Publish;
  routingKey?: string;
}

const text = (body: unknown) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
const event = (members: object = {}, payload: object = {}) => ({
  eventName: "appointment.created",
  aggregateId: strangersId + randomUUID().slice(24),
  timestamp: new Date().toISOString(),
  version: 1,
  eventId: randomUUID(),
  payload: {
    patientEmail: "poison@example.org",
    doctorId: "dr-lovelace",
    appointmentDate: "2030-01-01T10:00:00Z",
    ...payload,
  },
  ...members,
});

/** The content of a table that holds another, and so on: clients whose encoder is recursive can't write it. */
function nested(depth: number): Buffer {
  const size = Buffer.alloc(4);
  let value = Buffer.from("t\x01");
  for (let n = 0; n < depth; n++) {
    const inner = Buffer.concat([Buffer.from("\x01a"), value]);
    size.writeUInt32BE(inner.length);
    value = Buffer.concat([Buffer.from("F"), size, inner]);
  }
  return value.subarray(5);
}

/** A byte array is laid out as a table is, and only its type differs: on its way the header `deep` becomes a table. */
function writeTables(connection: ChannelModel): void {
  const { stream } = connection.connection as unknown as { stream: { write(bytes: Buffer): boolean } };
  const write = stream.write.bind(stream);
  stream.write = (bytes) => {
    const at = bytes.indexOf("\x04deepx");
    if (at >= 0) bytes.write("F", at + 5);
    return write(bytes);
  };
}

/** Everything that a stranger may send: none of it is an event, and none of it may hold up those that are. */
const kinds: Record<string, () => Poison> = {
  "invalid JSON": () => ({ content: text("{ not json") }),
  "no content": () => ({ content: text("") }),
  "bytes that are no UTF-8": () => ({ content: Buffer.from([0xff, 0xfe, 0x00, 0x80]) }),
  "JSON that is no object": () => ({ content: text([1, 2, 3]) }),
  "null": () => ({ content: text(null) }),
  "JSON nested deep": () => ({ content: text(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) }),
  "an empty object": () => ({ content: text({}) }),
  "no payload": () => ({ content: text(event({ payload: undefined })) }),
  "a field of another type": () => ({ content: text(event({}, { appointmentDate: 7 })) }),
  "a day that there isn't": () => ({ content: text(event({}, { appointmentDate: "2030-02-31T10:00:00Z" })) }),
  "a time zone that there isn't": () => ({ content: text(event({}, { timeZone: "Mars/Olympus" })) }),
  "an unknown version": () => ({ content: text(event({ version: 99 })) }),
  "an unknown name": () => ({ content: text(event({ eventName: "appointment.exploded" })) }),
  "a NUL character": () => ({ content: text(event({}, { doctorId: "dr\u0000lovelace" })) }),
  "too large": () => ({ content: text(event({}, { patientName: "x".repeat(2_000_000) })) }),
  "headers nested deep": () => ({ content: text("{}"), properties: { headers: { deep: nested(4_000) } } }),
  "headers of odd types": () => ({
    content: text("{ odd"),
    properties: { headers: { "x-attempts": "many", "x-death": "yes", "x-delivery-count": [1], "x-event-version": {} } },
  }),
};
export const poison: Fault[] = [{
  name: "poison",
  times: 3,
  async inject({ clinic, random, wait }) {
    const connection = await connect(clinic.amqp);
    connection.on("error", () => {});
    writeTables(connection);
    const channel = await connection.createConfirmChannel();
    for (const make of Object.values(kinds)) {
      const { content, properties, routingKey = "appointment.created" } = make();
      channel.publish("appointments.ex", routingKey, content, { persistent: true, ...properties });
      await wait(0, 60 * random());
    }
    await channel.waitForConfirms();
    await connection.close();
  },
}];
