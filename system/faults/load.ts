import { setTimeout as sleep } from "node:timers/promises";
import { doctor } from "../doctor.ts";
import { slot } from "../tests/support/slot.ts";

export type Step = "booked" | "moved" | "cancelled";

/** A visit as its caller knows it: by the answers alone. */
export interface Visit {
  id: string;
  patientEmail: string;
  patientPhone: string;
  startsAt: string;
  version: number;
  /** What was acknowledged, in order. */
  steps: Step[];
  /** Its patient has been erased, and that was acknowledged. */
  erased?: boolean;
}

export interface Asked {
  visits: Visit[];
  /** Answers 200 and 201. */
  acknowledged: number;
  /** Requests that had to be repeated, because they got no answer or one that promised nothing. */
  repeated: number;
  /** A refusal that was none, such as a slot given away twice. */
  wrong: string[];
}

export interface LoadOptions {
  api: string;
  apiKey: string;
  random(): number;
  perSecond: number;
  /** How long a request is repeated until it has an answer. */
  patienceMs: number;
}

/** So many callers wait at most: a storm of repetitions would be a fault of its own. */
const maxWaiting = 25;

/** Reminders are due a day before: the first slot is further away. */
const firstSlot = 4 * 96;

/**
 * Books, moves and cancels at a steady rate, whatever an answer takes. A request without an answer is repeated with its
 * Idempotency-Key, as a caller is told to, until one comes.
 */
export function startLoad({ api, apiKey, random, perSecond, patienceMs }: LoadOptions) {
  const asked: Asked = { visits: [], acknowledged: 0, repeated: 0, wrong: [] };
  const busy = new Set<Visit>();
  const open = new Set<Promise<void>>();
  let taken = 0;

  async function send(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
    const key = `fault-${taken++}`;
    const until = performance.now() + patienceMs;
    for (let attempt = 0;; attempt++) {
      if (attempt > 0) asked.repeated++;
      try {
        const response = await fetch(`${api}${path}`, {
          method,
          headers: {
            "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
            "x-api-key": apiKey,
            "idempotency-key": key,
            ...headers,
          },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(5_000),
        });
        const text = await response.text();
        const isPromise = response.status < 500 && response.status !== 429 && !text.includes("idempotency-key-in-use");
        if (isPromise) return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
      }
      if (performance.now() > until) throw new Error(`${method} ${path} had no answer within ${patienceMs} ms`);
      await sleep(Math.min(4_000, 400 * 2 ** attempt) * (0.5 + Math.random()));
    }
  }

  function acknowledge(visit: Visit, step: Step, version: number): void {
    visit.steps.push(step);
    visit.version = version;
    asked.acknowledged++;
  }

  async function book(): Promise<void> {
    const n = taken++;
    const visit = {
      patientEmail: `patient-${n}@example.org`,
      patientPhone: `+4917${String(n).padStart(8, "0")}`,
      startsAt: slot(firstSlot + n),
    };
    const { status, body } = await send("POST", "/v1/appointments", {
      patientEmail: visit.patientEmail,
      patientPhone: visit.patientPhone,
      doctorId: doctor.id,
      appointmentDate: visit.startsAt,
      durationMinutes: 5,
    });
    if (status !== 201) return void asked.wrong.push(`a free slot was refused with ${status}: ${JSON.stringify(body)}`);
    const booked: Visit = { ...visit, id: body.id, version: 0, steps: [] };
    acknowledge(booked, "booked", body.version);
    asked.visits.push(booked);
  }

  async function change(visit: Visit, step: "moved" | "cancelled"): Promise<void> {
    busy.add(visit);
    const startsAt = slot(firstSlot + taken++);
    const condition = { "if-match": `"${visit.version}"` };
    const { status, body } = step === "moved"
      ? await send("PATCH", `/v1/appointments/${visit.id}`, { appointmentDate: startsAt }, condition)
      : await send("POST", `/v1/appointments/${visit.id}/cancel`, { cancelledBy: "patient" }, condition);
    if (status !== 200) return void asked.wrong.push(`${visit.id} was not ${step}: ${status} ${JSON.stringify(body)}`);
    if (step === "moved") visit.startsAt = startsAt;
    acknowledge(visit, step, body.version);
    busy.delete(visit);
  }

  /** Of a slot that is taken, or with an address that is none. */
  async function bookInVain(visit: Visit): Promise<void> {
    busy.add(visit);
    const patientEmail = `refused-${taken++}@example.org`;
    const isTaken = random() < 0.7;
    const { status } = await send("POST", "/v1/appointments", {
      patientEmail,
      doctorId: doctor.id,
      appointmentDate: isTaken ? visit.startsAt : "yesterday",
      durationMinutes: 5,
    });
    if (status < 400) asked.wrong.push(`${patientEmail} got ${status} for what had to be refused`);
    busy.delete(visit);
  }

  /** The visit that was booked last of those that nothing is asked about; from then on nothing more is. */
  function takeOut(): Visit | undefined {
    const visit = asked.visits.findLast((one) => !busy.has(one));
    if (visit) busy.add(visit);
    return visit;
  }

  /** Asked again until it is answered: a second time there is nothing left to be erased. */
  async function erase(visit: Visit): Promise<void> {
    const { status, body } = await send("POST", "/v1/patients/erase", { patientEmail: visit.patientEmail });
    if (status !== 200) {
      asked.wrong.push(`the patient of ${visit.id} was not erased: ${status} ${JSON.stringify(body)}`);
      return;
    }
    visit.erased = true;
    asked.acknowledged++;
  }

  function next(): Promise<void> {
    const kind = random();
    const free = asked.visits.filter((visit) => !busy.has(visit) && visit.steps.at(-1) !== "cancelled");
    const chosen = free[Math.floor(random() * free.length)];
    if (kind < 0.55 || !chosen) return book();
    if (kind < 0.75) return change(chosen, "moved");
    if (kind < 0.87) return change(chosen, "cancelled");
    return bookInVain(chosen);
  }

  let running = true;
  const done = (async () => {
    for (let due = performance.now(); running; due += 1000 / perSecond) {
      await sleep(Math.max(0, due - performance.now()));
      if (open.size >= maxWaiting) continue;
      const one: Promise<void> = next()
        .catch((error) => void asked.wrong.push(String(error)))
        .finally(() => open.delete(one));
      open.add(one);
    }
  })();
  return {
    asked,
    takeOut,
    erase,
    /** Resolves when everything that was asked is answered. */
    async stop(): Promise<Asked> {
      running = false;
      await done;
      while (open.size > 0) await Promise.all(open);
      return asked;
    },
  };
}

export type Load = ReturnType<typeof startLoad>;
