import type { Role } from "./parts.ts";

/** What is lost while a part is not there. */
export const MISSING: Record<Role, string> = {
  "events": "no event is published: all wait in the outbox, and the bindings went with the exchange",
  "dead-letter exchange": "no dead letter is kept: what a job gives up on is lost, or blocks its queue",
  "retry exchange": "no retry is kept: a message that failed is delivered again at once or not acknowledged at all",
  "job": "the job gets none of the events that are published meanwhile, and nobody is told",
  "dead letters": "what the job gives up on is lost, or blocks its queue",
  "retry": "what should wait here for a retry has nowhere to go: it stays unacknowledged, or is lost",
};

/** What is lost while something that is bound to a part of this kind isn't. */
export const UNBOUND: Record<Role, string> = {
  "events": "the job gets none of these events, and nobody is told while another queue takes them",
  "dead-letter exchange": "what the job gives up on is lost, or blocks its queue",
  "retry exchange": "what is to be retried does not come to the queue, or never comes back from it",
  "job": "nothing that the documents describe",
  "dead letters": "nothing that the documents describe",
  "retry": "nothing that the documents describe",
};

const FIELDS: Record<string, string> = {
  type: "messages go to other queues than the documents say: some are lost, some come where nobody reads them",
  durable:
    "a restart of the broker forgets it: all that it holds, and all that is sent to it until it is declared again",
  auto_delete: "it goes, with all that it holds, when the last that uses it is gone",
  exclusive: "it goes, with all that it holds, when the one connection that may use it ends",
  internal: "no client can publish to it: events wait in the outbox",
  "alternate-exchange": "an event that no queue takes counts as delivered and leaves the outbox: nobody gets it",
  "x-queue-type": "what it holds is on one node's disk only, and its dead-lettering is at most once",
  "x-max-length": "another number of messages is held before one is refused",
  "x-max-length-bytes": "messages are refused or dropped before the number that the documents say is reached",
  "x-overflow": "a full queue drops its oldest messages instead of refusing new ones",
  "x-dead-letter-exchange": "what is given up goes elsewhere, or nowhere",
  "x-dead-letter-routing-key": "what is given up goes to another queue, or to none",
  "x-dead-letter-strategy": "what is given up is lost where the broker fails on the way",
  "x-delivery-limit": "messages are given up after another number of deliveries, or never",
  "x-message-ttl": "messages leave the queue after another time: too early for who reads it, too late, or never",
  "x-expires": "the queue goes, with all that it holds, when nobody has used it for so long",
};

/** What is lost where a field or an argument is another one. */
export function lossByField(field: string): string {
  return FIELDS[field] ?? "nothing that is known of";
}
