import type { CalendarIntent, CalendarIntents } from "./calendar-intents.ts";
import type { DependencyWatch } from "../../outgoing/dependency-watch.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { traceIdOf } from "../../telemetry/trace-context.ts";
import type { CaldavClient, Entry } from "./caldav-client.ts";
import { entryUid, isInvitationCopy, isSameEntry, uidOf } from "./calendar-entry.ts";
import { sameVersion } from "./etag.ts";

export interface EntrySynchroniserDependencies {
  client: CaldavClient;
  intents: CalendarIntents;
  watch: DependencyWatch;
  log: Logger;
}

/** Writes down what came of an intent. Throws a ClaimLost when another sender has it by now. */
export type RecordEnd = () => Promise<void>;

/** Makes the calendar show what a claimed intent wants; resolves with what records that, or records a conflict. */
export function createEntrySynchroniser({ client, intents, watch, log }: EntrySynchroniserDependencies) {
  /** What the calendar holds of this sender's writing, null for nothing; undefined when it was changed. */
  async function find(intent: CalendarIntent): Promise<Entry | null | undefined> {
    const known = intent.written === null ? null : { content: intent.written, etag: intent.etag };
    if (intent.sent === null) return known;
    const found = await client.get(intent.doctorId, intent.resource);
    if (!found) return null;
    if (intent.sent !== "" && isSameEntry(found.content, intent.sent)) {
      return { etag: found.etag, content: intent.sent };
    }
    return known && sameVersion(found, known) ? known : undefined;
  }

  async function synchronise(intent: CalendarIntent): Promise<RecordEnd> {
    const held = await find(intent);
    if (held === undefined) return await changed(intent);
    if ((held?.content ?? null) === intent.content) return complete(intent, held?.etag ?? null);
    if (intent.content === null) {
      if (held && !await remove(intent, held)) return await changed(intent);
      return complete(intent, null);
    }
    // A UID never changes under a name (RFC 4791, 5.3.2.1): an entry with another one makes room first.
    const makesRoom = held !== null && ![undefined, uidOf(intent.content)].includes(uidOf(held.content));
    if (makesRoom) {
      if (!await remove(intent, held)) return await changed(intent);
      await intents.noteVacated(intent, intent.resource);
    }
    return await write(intent, intent.content, makesRoom ? null : held);
  }

  async function remove(intent: CalendarIntent, held: Entry): Promise<boolean> {
    await intents.noteSent(intent, "");
    return await client.remove(intent.doctorId, intent.resource, held) === "removed";
  }

  async function write(intent: CalendarIntent, content: string, held: Entry | null): Promise<RecordEnd> {
    await intents.noteSent(intent, content);
    const answer = await client.put(intent.doctorId, intent.resource, content, held);
    if (answer.kind === "written") return complete(intent, answer.etag);
    if (answer.kind === "changed") return await changed(intent);
    return giveUp(intent, "another entry of the calendar has its UID or its name (no-uid-conflict)");
  }

  function complete(intent: CalendarIntent, etag: string | null): RecordEnd {
    watch.took();
    const changes = intent.written !== intent.content;
    const action = intent.content === null ? "removed" : "written";
    return async () => {
      await intents.complete(intent, etag, changes ? action : undefined);
      if (changes) log.info(identify(intent), `calendar entry ${action}`);
    };
  }

  /** The invitation that a doctor's program put under the entry's name stays theirs; the entry moves beside it. */
  async function changed(intent: CalendarIntent): Promise<RecordEnd> {
    const { appointmentId, doctorId, resource } = intent;
    if (resource === appointmentId) {
      const found = await client.get(doctorId, resource);
      if (found && isInvitationCopy(found.content, appointmentId)) {
        const moved = { ...intent, resource: entryUid(appointmentId), sent: null, written: null, etag: null };
        await intents.noteVacated(intent, moved.resource);
        return await synchronise(moved);
      }
    }
    return giveUp(intent, "changed by someone else");
  }

  function giveUp(intent: CalendarIntent, reason: string): RecordEnd {
    watch.took();
    log.warn({ ...identify(intent), reason }, "calendar entry is not as it was written; left as it is");
    return () => intents.giveUp(intent, "conflict", reason);
  }

  return synchronise;
}

/** What a log line says of an intent. */
export function identify({ appointmentId, doctorId, eventKey, correlationId, traceparent }: CalendarIntent) {
  return {
    sender: "calendar",
    eventId: eventKey ?? undefined,
    correlationId: correlationId ?? undefined,
    traceId: traceIdOf(traceparent),
    aggregateId: appointmentId,
    doctorId,
  };
}
