import type { Attributes, Tracer } from "@opentelemetry/api";
import type { Publisher } from "../amqp/publisher.ts";
import { createLanes } from "./lanes.ts";
import type { OutboxRow, RelayStore } from "./outbox-store.ts";
import type { Probe } from "./probe.ts";
import { publishBatch, type PublishedBatch, type RelayMetrics } from "./publish-batch.ts";
import { createReadingPosition } from "./reading-position.ts";
import type { Recorder } from "./recorder.ts";
import { createTurns } from "./turns.ts";
import type { Log } from "../telemetry/log.ts";

export type Relay = {
  /** Publishes what may go out now; returns when nothing is left to do, there is no broker, or it shall stop. */
  drain(store: RelayStore, shallStop: () => boolean): Promise<void>;
  /** Something may have become publishable: a relay that waits for confirms looks for it at once. */
  wake(): void;
};

/** `fresh` was never refused. */
type Kind = "fresh" | "failed";
/** A batch that is published and not recorded yet. */
type Flight = { readonly kind: Kind; readonly ids: readonly string[]; readonly answered: Promise<PublishedBatch> };

/** While one batch is confirmed and recorded, the next one is read and published. */
const maxFlights = 2;
/** How often refused events are looked for where none is known of. */
const lookMs = 1_000;

/**
 * Nothing is lost: an event leaves the outbox only after a confirm that no return preceded. An event whose outcome is
 * unknown stays as it is and goes out again on the next connection; one that was refused waits for the probe.
 */
export function createRelay(deps: {
  publisher: () => Publisher | undefined;
  renewConnection: (reason: string) => void;
  batchSize: number;
  probe: Probe;
  recorder: Recorder;
  nowMs: () => number;
  metrics: RelayMetrics;
  tracer: Tracer;
  /** The broker, for spans. */
  server?: Attributes | undefined;
  log: Log;
}): Relay {
  const { recorder, probe, nowMs } = deps;
  const lanes = createLanes(maxFlights);
  /** No more may go out before somebody writes, or a flight has landed. */
  let exhausted = false;
  /** When refused events are looked for next. */
  let lookAt = -Infinity;

  function wake(): void {
    exhausted = false;
    lanes.wake();
  }

  async function drain(store: RelayStore, shallStop: () => boolean): Promise<void> {
    const [reading, recording] = [createTurns(), createTurns()];
    const position = createReadingPosition(nowMs);
    const flights = new Set<Flight>();
    let isConnected = true;
    let isRecording = true;
    let last: Kind = "failed";

    function sizeOf(kind: Kind): number {
      const allowed = recorder.allowance(nowMs());
      // While it is unsure that the database takes what comes of it, one batch: so less is repeated.
      if (flights.size > 0 && allowed < deps.batchSize) return 0;
      if (kind === "fresh") return exhausted ? 0 : Math.min(deps.batchSize, allowed);
      const isProbing = [...flights].some((flight) => flight.kind === "failed");
      return isProbing || nowMs() < lookAt ? 0 : Math.min(probe.size(nowMs()), allowed);
    }

    async function select(kind: Kind, size: number): Promise<OutboxRow[]> {
      if (kind === "failed") {
        const rows = await store.selectFailed(size);
        if (rows.length === 0) lookAt = nowMs() + lookMs;
        return rows;
      }
      // Before it is asked: who writes in the meantime says so again.
      exhausted = true;
      const rows = await position.read(store, size, [...flights].flatMap(({ ids }) => ids));
      if (rows.length === size) exhausted = false;
      return rows;
    }

    async function takeOff(kind: Kind): Promise<Flight | undefined> {
      const mayGo = () => isConnected && isRecording && !shallStop();
      const size = mayGo() && deps.publisher() ? sizeOf(kind) : 0;
      const rows = size > 0 ? await select(kind, size) : [];
      const publisher = deps.publisher();
      if (rows.length === 0 || !publisher || !mayGo()) return undefined;
      const flight = { kind, ids: rows.map(({ id }) => id), answered: publishBatch(rows, publisher, deps) };
      flights.add(flight);
      last = kind;
      return flight;
    }

    /** A batch of first publications between any two probes: a full queue never holds up new events. */
    const takeTurns = async () =>
      last === "fresh"
        ? await takeOff("failed") ?? await takeOff("fresh")
        : await takeOff("fresh") ?? await takeOff("failed");

    async function land(flight: Flight): Promise<void> {
      const { result, timedOut, ...outcomes } = await flight.answered;
      if (timedOut) deps.renewConnection("a confirm did not come in time");
      if (result === "disconnected") isConnected = false;
      await recording(async () => {
        recorder.note(outcomes);
        // Where another one could not be recorded, neither is this: both are, before anything else goes out.
        if (isRecording) await recorder.record(store, nowMs());
      }).catch((error) => {
        isRecording = false;
        throw error;
      });
      flights.delete(flight);
      if (result === "refused") lookAt = -Infinity;
      if (result === "refused" && flight.kind === "fresh") probe.noticeRefusal(nowMs());
      if (result === "refused" && flight.kind === "failed") probe.failed(nowMs());
      if (result === "confirmed" && flight.kind === "failed") probe.succeeded();
      wake();
    }

    exhausted = false;
    await recorder.record(store, nowMs());
    await lanes.run(async () => {
      const flight = await reading(takeTurns);
      if (flight) await land(flight);
      return flight !== undefined;
    });
  }

  return { drain, wake };
}
