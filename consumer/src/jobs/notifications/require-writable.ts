import { PermanentError } from "../../delivery/permanent-error.ts";
import { errorText } from "../../telemetry/error-text.ts";
import type { MessageWriter } from "./message-writer.ts";
import type { NewSend } from "./send.ts";

/**
 * Writes each message on trial. What nobody can write is a dead letter, which a person sees and replays after the
 * repair, before anything was committed; found out by the sender it would be one failed row among many.
 */
export function requireWritable(writer: MessageWriter, sends: NewSend[]): void {
  for (const send of sends) {
    try {
      if (send.channel === "email") writer.mail(send);
      else writer.text(send);
    } catch (cause) {
      throw new PermanentError("unwritable-message", `${send.template} can't be written: ${errorText(cause)}`, {
        cause,
      });
    }
  }
}
