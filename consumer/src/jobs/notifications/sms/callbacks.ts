import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Sql } from "postgres";
import type { Logger } from "../../../telemetry/logger.ts";
import { optIn, optOut, optOutOf } from "./opt-outs.ts";
import { noteReceipt } from "./receipts.ts";
import { isSignedBy } from "./twilio-signature.ts";

export interface SmsCallbacksDependencies {
  sql: Sql;
  /** Where the gateway reaches this port, as the signature has it. */
  callbackUrl: string;
  authToken: string;
  now: () => Date;
  log: Logger;
}

const maxBytes = 65_536;
/** Twilio's answer to a message: none. */
const noReply = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

/** What the gateway tells of its own accord, with Twilio's signature: `/sms/status` and `/sms/inbound`. */
export function createSmsCallbacks({ sql, callbackUrl, authToken, now, log }: SmsCallbacksDependencies): Hono {
  const app = new Hono();
  const base = callbackUrl.replace(/\/+$/, "");

  /** The form, if the gateway has signed it. */
  async function signed(request: Request): Promise<URLSearchParams | undefined> {
    const { pathname, search } = new URL(request.url);
    const form = new URLSearchParams(await request.text());
    const signature = request.headers.get("x-twilio-signature") ?? "";
    if (isSignedBy(authToken, `${base}${pathname}${search}`, form, signature)) return form;
    log.warn({ path: pathname }, "a callback of the gateway was refused: its signature is wrong");
    return undefined;
  }

  app.use("/sms/*", bodyLimit({ maxSize: maxBytes }));

  app.post("/sms/status", async (context) => {
    const form = await signed(context.req.raw);
    if (!form) return context.body(null, 403);
    const [send, sid, status] = [context.req.query("send"), form.get("MessageSid"), form.get("MessageStatus")];
    if (!/^\d{1,18}$/.test(send ?? "") || !sid || !status) return context.body(null, 400);
    const receipt = { send: send!, sid, status, errorCode: form.get("ErrorCode") ?? undefined };
    const isKnown = await sql.begin((transaction) => noteReceipt(transaction, receipt, now()));
    log.info({ send, status, errorCode: receipt.errorCode, known: isKnown }, "receipt of a text message");
    return context.body(null, 204);
  });

  app.post("/sms/inbound", async (context) => {
    const form = await signed(context.req.raw);
    if (!form) return context.body(null, 403);
    const from = form.get("From");
    if (!from) return context.body(null, 400);
    const said = optOutOf(form.get("Body") ?? "", form.get("OptOutType"));
    if (said === "stop") {
      const dropped = await sql.begin((transaction) => optOut(transaction, from, now()));
      log.info({ dropped }, "a number wants no more text messages");
    } else if (said === "start") {
      await optIn(sql, from);
      log.info("a number wants text messages again");
    }
    return context.body(noReply, 200, { "content-type": "text/xml" });
  });

  return app;
}
