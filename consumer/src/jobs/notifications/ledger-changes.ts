import type { TransactionSql } from "postgres";
import type { AuditEntry } from "../audit/audit-log.ts";
import { type Ended, endSends } from "./ended-sends.ts";
import { invites } from "./invited-doctors.ts";
import { type AddedSend, addSends } from "./new-sends.ts";
import { type AuditedSend, auditOfSend } from "./send-audit.ts";
import type { Channel, NewSend } from "./send.ts";

type Recipient = { channel: Channel; recipient: string };

/** What the events of one transaction make of the send ledger, in memory until it is written. */
export function createLedgerChanges<Event>(sql: TransactionSql) {
  const invited = new Map<string, Set<string>>();
  const added: AddedSend[] = [];
  /** By the first event that ended them; what was told later finds them ended. */
  const ended = new Map<string, Ended & { event: Event; now: Date }>();
  const droppedBeforeAdded = new Map<AddedSend, Event>();
  let isWritten = false;

  const removed = "the recipient was removed";
  const keyOf = ({ eventKey, channel, recipient, template }: NewSend | AuditedSend) =>
    [eventKey, channel, recipient, template].join("\n");

  function invitedTo(appointmentId: string): Set<string> {
    const all = invited.get(appointmentId) ?? new Set<string>();
    invited.set(appointmentId, all);
    return all;
  }

  async function write(): Promise<AuditedSend[]> {
    isWritten = true;
    return await addSends(sql, added);
  }

  return {
    /** Addresses of doctors who were sent an invitation to the visit, or will be. */
    invitedTo,

    add(appointmentId: string, sends: readonly NewSend[]): void {
      added.push(...sends);
      for (const send of sends.filter(invites)) invitedTo(appointmentId).add(send.recipient);
    },

    silence(event: Event, appointmentId: string, of: Recipient, now: Date): void {
      const key = `${appointmentId} ${of.channel} ${of.recipient}`;
      // What ended first counts.
      const exceptReminders = ended.has(`${appointmentId} reminders`);
      if (!ended.has(key)) ended.set(key, { appointmentId, of: { ...of, exceptReminders }, event, now });
      for (const send of added) {
        if (send.appointmentId.toLowerCase() !== appointmentId) continue;
        if (send.channel !== of.channel || send.recipient !== of.recipient) continue;
        if (!send.expiresAt || send.expiresAt > now) send.expiresAt = now;
        if (send.dropped) continue;
        send.dropped = { reason: removed, at: now };
        droppedBeforeAdded.set(send, event);
      }
    },

    endReminders(event: Event, appointmentId: string, now: Date): void {
      const key = `${appointmentId} reminders`;
      if (!ended.has(key)) ended.set(key, { appointmentId, of: "reminders", event, now });
    },

    /** Ends what is to end, and answers what the audit trail says of it, by event. */
    async findOut(): Promise<Map<Event, { audit: AuditEntry[] }>> {
      const all = [...ended.values()];
      const now = all[0]?.now;
      if (!now) return new Map();
      const silences = all.filter(({ of }) => of !== "reminders");
      const reminders = all.filter(({ of }) => of === "reminders");
      const [silenced, useless, written] = await Promise.all([
        endSends(sql, silences, removed, now),
        endSends(sql, reminders, "the visit was changed", now),
        droppedBeforeAdded.size > 0 ? write() : [],
      ]);
      const entries = new Map<Event, { audit: AuditEntry[] }>();
      const tell = (event: Event, send: AuditedSend) => {
        const { audit } = entries.get(event) ?? { audit: [] };
        entries.set(event, { audit: [...audit, auditOfSend(send, "dropped", now)] });
      };
      for (const send of silenced) {
        tell(ended.get(`${send.appointmentId} ${send.channel} ${send.recipient}`)!.event, send);
      }
      for (const send of useless) tell(ended.get(`${send.appointmentId} reminders`)!.event, send);
      const byKey = new Map(written.map((send) => [keyOf(send), send]));
      for (const [send, event] of droppedBeforeAdded) {
        const row = byKey.get(keyOf(send));
        if (row) tell(event, row);
      }
      return entries;
    },

    async save(): Promise<void> {
      if (!isWritten) await write();
    },
  };
}
