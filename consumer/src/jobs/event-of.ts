import type { eventNames } from "../generated/events.ts";

type Named<Key extends keyof typeof eventNames> = { eventName: (typeof eventNames)[Key] };

/** Those of a union of events that have one of these names. */
export type EventOf<Event, Key extends keyof typeof eventNames> = Extract<Event, Named<Key>>;

/** The others. */
export type EventBut<Event, Key extends keyof typeof eventNames> = Exclude<Event, Named<Key>>;
