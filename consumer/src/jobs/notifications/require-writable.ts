import { PermanentError } from "../../delivery/permanent-error.ts";
import { errorText } from "../../telemetry/error-text.ts";
import type { MessageWriter } from "./message-writer.ts";
import type { NewSend } from "./send.ts";

export type WritableCheck = (sends: NewSend[]) => void;

const maxTried = 10_000;

/**
 * Writes each message on trial. What nobody can write is a dead letter, which a person sees and replays after the
 * repair, before anything was committed; found out by the sender it would be one failed row among many.
 *
 * A message can fail at its template, language, zone and the years of its times: what was once written with the same is
 * not tried again, since writing is most of what such an event costs.
 */
export function createWritableCheck(writer: MessageWriter): WritableCheck {
  const tried = new Set<string>();

  return (sends) => {
    for (const send of sends) {
      const kind = kindOf(send);
      if (kind !== undefined && tried.has(kind)) continue;
      try {
        if (send.channel === "email") writer.mail(send);
        else writer.text(send);
      } catch (cause) {
        throw new PermanentError("unwritable-message", `${send.template} can't be written: ${errorText(cause)}`, {
          cause,
        });
      }
      if (kind === undefined) continue;
      if (tried.size >= maxTried) tried.clear();
      tried.add(kind);
    }
  };
}

/** Undefined where the times are near the ends of what a calendar can say, so that each has to be tried. */
function kindOf({ channel, template, content }: NewSend): string | undefined {
  const times = [content.stamp, content.startsAt, ...(content.previous ? [content.previous.startsAt] : [])];
  if (!times.every(hasCommonYear)) return undefined;
  const { locale, timeZone, calendarWritten = false, zoneInSubject = false, previous } = content;
  return JSON.stringify([channel, template, locale, timeZone, calendarWritten, zoneInSubject, previous !== undefined]);
}

/** RFC 3339 with a year that stays in four digits whatever the zone and the length of the visit. */
function hasCommonYear(time: string): boolean {
  return time > "1900" && time < "9999";
}
