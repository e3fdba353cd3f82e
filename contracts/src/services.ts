import type { Buffer } from "node:buffer";
import type { Options } from "amqplib";
import type { SeeAnswer } from "./wire/answer-violations.ts";
import type { Capture } from "./wire/capture.ts";
import type { PrivateServers } from "./wire/private-servers.ts";
import type { WireViolation } from "./wire/wire-violations.ts";

/** What the gate has to know of a project's services, beside their documents: how they start, and what they did. */
export interface Services {
  /** `see` gets every answer to what is requested of the producer. */
  startProducer(root: string, servers: PrivateServers, see: SeeAnswer): Promise<ProducerUnderTest>;
  /** With all jobs, and with the keys that its messages need. */
  startConsumer(root: string, servers: PrivateServers, keys?: readonly KeyRow[]): Promise<RunningConsumer>;
}

/** The event that a provider state makes the producer emit. */
export interface EmittedEvent {
  eventName: string;
  aggregateId: string;
  /** Where the requests made other events of that kind first. */
  aggregateVersion?: number;
}

export interface ProducerUnderTest {
  /** Name of a provider state → brings it about by requests; `optionalFields` asks for every field that there is. */
  states: Record<string, (optionalFields: boolean) => Promise<EmittedEvent>>;
  /** Writes some event. */
  emitAny(): Promise<void>;
  /** Answers with the names of the events that are still in the outbox after a while. */
  untilOutboxIsEmpty(): Promise<string[]>;
  /** What it answers to who may ask everything; with a body, to a POST. */
  answer(path: string, body?: string): Promise<Response>;
  /** Walks the project's model of what each command means, and answers with where the producer told something else. */
  walk(
    wire: { capture: Capture; settle: () => Promise<string[]> },
    options: WalkOptions,
  ): Promise<Walk>;
  /** What a reader needs for the messages that are encrypted. */
  keys(): Promise<KeyRow[]>;
  stop(): Promise<void>;
}

export interface Walk {
  /** Each a command from a state. */
  covered: Set<string>;
  /** Random walks that were done: fewer than were asked for where they took too long. */
  runs: number;
  /** Events that were computed and compared. */
  events: number;
  violations: WireViolation[];
}

export interface WalkOptions {
  seed: number;
  /** How many random walks, after each command has been taken from each state. */
  runs: number;
}

/** A patient's key as the database of keys has it, wrapped by a master key of the contract commands: nobody's in earnest. */
export interface KeyRow {
  kid: string;
  wrapped: string;
}

/** A message as any AMQP client could publish it. */
export interface PublishedMessage {
  exchange: string;
  routingKey: string;
  body: Buffer;
  properties: Options.Publish;
}

/** What a job made of an event. */
export type Handled = {
  job: string;
  /** Its eventId; for a dead letter the message_id, where there is one. */
  eventKey: string;
  /** What its inbox says. */
  outcome: "applied" | "ignored";
  deadBecause?: never;
} | {
  job: string;
  eventKey: string;
  outcome?: never;
  /** Why it is in the dead letters. */
  deadBecause: string;
};

/** What the consumer's jobs have left behind, beside their inboxes. */
export interface Effects {
  /** Event → how often the audit trail has it. */
  recorded: Map<string, number>;
  /** Event → how many mails and text messages it has led to. */
  sends: Map<string, number>;
  /** `placeKey` → `placeText`. */
  places: Map<string, string>;
}

export interface RunningConsumer {
  publish(message: PublishedMessage): Promise<void>;
  /** Waits until so many events were handled or given up, or nothing happens for a while; answers what is there. */
  handled(expected: number, waitMs: number): Promise<Handled[]>;
  effects(): Promise<Effects>;
  isRunning(): boolean;
  stop(): Promise<void>;
}

export function placeKey(job: string, appointmentId: string): string {
  return `${job} ${appointmentId}`;
}

/** The doctor and the time that a job has for an appointment. */
export function placeText(doctorId: unknown, startsAt: Date): string {
  return `${doctorId} at ${startsAt.toISOString()}`;
}
