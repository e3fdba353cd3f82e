import { ServiceFailed } from "../../src/wire/service-failed.ts";
import type { DoctorState, Meaning, Told, VisitState } from "./clinic.ts";
import { type Api, type Call, type Manner, sendRequest, type Sent } from "./sent-request.ts";

/** An event that has to come over the wire, as the model has computed it. */
export interface ExpectedEvent extends Told, Sent {
  aggregateId: string;
  aggregateVersion: number;
  /** The command that led to it. */
  what: string;
}

/** The states of a walk, and what has to be told of it. */
export interface WalkedClinic {
  doctors: DoctorState[];
  visits: VisitState[];
  expected: ExpectedEvent[];
  /** `command from state`, for each that was walked. */
  covered: Set<string>;
  /** The start of a time that no other visit has, on a day after all that were given out. */
  nextStart(minuteOfDay: number): number;
}

/** What the commands act on. */
export interface Producer {
  api: Api;
  /** Sets its clock on to that instant. */
  reach(instant: number): void;
  /** Something that no other id has in it. */
  newName(): string;
  nextDay(): number;
}

export function createClinic({ nextDay }: Producer): WalkedClinic {
  return {
    doctors: [],
    visits: [],
    expected: [],
    covered: new Set(),
    nextStart: (minuteOfDay) => nextDay() + minuteOfDay * 60_000,
  };
}

interface Act<State> {
  what: string;
  call: Call;
  manner: Manner;
  meaning: Meaning<State>;
  /** Where the state has its id from before the request. */
  id?: string | undefined;
  aggregateVersionOf(state: State): number;
}

const STALE = 412;

/** Sends the request of a command, and notes what has to be told of it. Answers with the state after, if there is another. */
export async function act<State extends object>(
  clinic: WalkedClinic,
  { api }: Producer,
  { what, call, manner, meaning, id, aggregateVersionOf }: Act<State>,
): Promise<(State & { id: string }) | undefined> {
  const isStale = manner.stale && call.version !== undefined;
  const { status, told, next }: Meaning<State> = isStale ? { status: STALE } : meaning;
  const { answer, sent } = await sendRequest(api, call, manner);
  if (answer.status !== status) {
    throw new ServiceFailed(`${what} was answered ${answer.status} instead of ${status}: ${answer.text}`);
  }
  if (!next) return undefined;
  const aggregateId = id ?? JSON.parse(answer.text).id;
  if (told) clinic.expected.push({ ...told, ...sent, aggregateId, aggregateVersion: aggregateVersionOf(next), what });
  return { ...next, id: aggregateId };
}

/** Puts a state in the place of the one before, or behind all others. */
export function keep<State extends { id: string }>(states: State[], state: State | undefined): void {
  if (!state) return;
  const index = states.findIndex(({ id }) => id === state.id);
  if (index >= 0) states[index] = state;
  else states.push(state);
}

/** One of them by a random number; the last one by Infinity. */
export function pick<State>(states: State[], number: number): State | undefined {
  return number === Infinity ? states.at(-1) : states[number % states.length];
}
