import type { NotificationsEvent as Received } from "../../generated/jobs.ts";
import type { Opened } from "../event-of.ts";

export type NotificationsEvent = Opened<Received>;
