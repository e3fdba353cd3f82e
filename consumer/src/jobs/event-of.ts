import type { eventNames } from "../generated/events.ts";

type Named<Key extends keyof typeof eventNames> = { eventName: (typeof eventNames)[Key] };

/** Those that a job gets: what is encrypted was opened before. */
export type Opened<Event> = Exclude<Event, { payload: { personalData: string } }>;

/** Those of a union of events that have one of these names. */
export type EventOf<Event, Key extends keyof typeof eventNames> = Extract<Event, Named<Key>>;

/** The others. */
export type EventBut<Event, Key extends keyof typeof eventNames> = Exclude<Event, Named<Key>>;
