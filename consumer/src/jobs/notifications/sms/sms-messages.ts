import { Buffer } from "node:buffer";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import * as v from "valibot";
import type { SmsGatewayOptions } from "./sms-gateway.ts";

/** A message as the gateway's list has it; of those that it sent for us. */
export interface ListedMessage {
  sid: string;
  body: string;
  createdAt: Date;
}

/** The gateway's list of messages (Twilio's Messages resource). */
export interface SmsMessages {
  /** What it took for this number since then. Throws where it can't be asked, or its list has no end. */
  sentTo(to: string, since: Date): Promise<ListedMessage[]>;
}

const pageSchema = v.object({
  messages: v.array(v.object({
    sid: v.string(),
    body: v.nullish(v.string(), ""),
    to: v.string(),
    direction: v.optional(v.string(), "outbound-api"),
    // RFC 2822
    date_created: v.pipe(v.string(), v.transform((text) => new Date(text))),
  })),
  next_page_uri: v.nullish(v.string()),
});

/** Of one number; more is no list that anybody has asked for. */
const maxPages = 20;
const pageSize = "100";

export function createSmsMessages({ url, accountSid, authToken, timeoutMs, ca }: SmsGatewayOptions): SmsMessages {
  const base = new URL(url.endsWith("/") ? url : `${url}/`);
  const request = base.protocol === "https:" ? httpsRequest : httpRequest;

  function get(address: URL): Promise<string> {
    return new Promise((resolve, reject) => {
      const outgoing = request(address, {
        auth: `${accountSid}:${authToken}`,
        agent: false,
        ...(ca !== undefined && { ca }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString("utf8"));
          else reject(new Error(`the gateway's list was answered with HTTP ${response.statusCode}`));
        });
      });
      outgoing.end();
    });
  }

  return {
    async sentTo(to, since) {
      const found: ListedMessage[] = [];
      let address = new URL(`2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`, base);
      address.search = new URLSearchParams({ To: to, PageSize: pageSize }).toString();
      for (let page = 0; page < maxPages; page++) {
        const { messages, next_page_uri: next } = v.parse(pageSchema, JSON.parse(await get(address)));
        for (const { sid, body, to: recipient, direction, date_created: createdAt } of messages) {
          if (recipient === to && direction.startsWith("outbound") && createdAt >= since) {
            found.push({ sid, body, createdAt });
          }
        }
        // The newest come first.
        const oldest = messages.at(-1)?.date_created;
        if (!next || (oldest && oldest < since)) return found;
        address = new URL(next, base);
        if (address.origin !== base.origin) throw new Error("the gateway's list goes on at another server");
      }
      throw new Error(`the gateway's list has more than ${maxPages} pages`);
    },
  };
}
