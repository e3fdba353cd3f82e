import { setTimeout as delay } from "node:timers/promises";
import type { SeeAnswer } from "../src/wire/answer-violations.ts";
import { ServiceFailed } from "../src/wire/service-failed.ts";
import type { RunningProducer } from "./producer-process.ts";

interface Appointment {
  id: string;
  etag: string;
  appointmentDate: string;
}

export interface ProducerApi {
  addDoctor(fields: object): Promise<string>;
  /** Books with a doctor of its own, or on top of another visit. */
  book(
    fields: object,
    over?: { doctorId: string; appointmentDate: string },
  ): Promise<Appointment & { doctorId: string }>;
  /** Books, and sets the producer's clock to the visit's start. */
  bookAndReach(fields?: object): Promise<Appointment>;
  /** A time that no other visit has, later than any before, so that it is still to come when the clock was set. */
  nextDate(): string;
  /** An address that no other patient has. */
  nextAddress(): string;
  send(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  /** The same requests to a producer that encrypts what identifies patients. */
  encrypted: Pick<ProducerApi, "book" | "send">;
  /** Answers with the names of the events that are still in the outbox after a while. */
  untilOutboxIsEmpty(): Promise<string[]>;
}

const OUTBOX_MS = 10_000;

/** Requests to the running producer; every answer but a success is an error that says what was asked. */
export function createProducerApi(
  { url, apiKey, clock }: Pick<RunningProducer, "url" | "apiKey" | "clock">,
  see: SeeAnswer = () => {},
  encrypting?: Pick<RunningProducer, "url" | "apiKey">,
): ProducerApi {
  const firstDate = Math.ceil(Date.now() / 3_600_000 + 30 * 24) * 3_600_000;
  let doctors = 0;
  let hours = 0;
  let addresses = 0;
  const sendTo =
    (to: Pick<RunningProducer, "url" | "apiKey">): ProducerApi["send"] => async (method, path, body, headers = {}) => {
      const response = await fetch(new URL(path, to.url), {
        method,
        headers: { "content-type": "application/json", "x-api-key": to.apiKey, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      see(method, path, { status: response.status, text: await response.clone().text() });
      if (response.ok) return response;
      throw new ServiceFailed(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    };
  const bookBy = (send: ProducerApi["send"]): ProducerApi["book"] => async (fields, over) => {
    const doctorId = over?.doctorId ?? await api.addDoctor({});
    const appointmentDate = over?.appointmentDate ?? api.nextDate();
    const visit = { patientEmail: "ada@example.org", doctorId, appointmentDate, ...fields };
    const response = await send("POST", "/v1/appointments", visit);
    const { id } = await response.json();
    return { id, doctorId, appointmentDate, etag: response.headers.get("etag") ?? "" };
  };
  const send = sendTo({ url, apiKey });
  const sendEncrypted = encrypting ? sendTo(encrypting) : () => Promise.reject(new Error("no producer encrypts"));
  const api: ProducerApi = {
    async addDoctor(fields) {
      const id = `dr-${++doctors}`;
      const doctor = { name: `Doctor ${doctors}`, email: `${id}@clinic.example`, timeZone: "Europe/Berlin", ...fields };
      await api.send("PUT", `/v1/doctors/${id}`, doctor);
      return id;
    },
    book: bookBy(send),
    async bookAndReach(fields = {}) {
      const booked = await api.book(fields);
      clock.reach(new Date(booked.appointmentDate));
      return booked;
    },
    nextDate: () => new Date(firstDate + ++hours * 3_600_000).toISOString(),
    nextAddress: () => `patient-${++addresses}@example.org`,
    send,
    encrypted: { book: bookBy(sendEncrypted), send: sendEncrypted },
    async untilOutboxIsEmpty() {
      const deadline = Date.now() + OUTBOX_MS;
      while (true) {
        const { items } = await (await api.send("GET", "/ops/outbox")).json();
        if (items.length === 0 || Date.now() > deadline) {
          return items.map(({ eventName }: { eventName: string }) => eventName);
        }
        await delay(50);
      }
    },
  };
  return api;
}
