import { randomBytes } from "node:crypto";
import { html, isAuthorized, json, startHttpServer } from "./http-server.ts";
import { createJournal } from "./journal.ts";
import { smsPage } from "./sms-page.ts";

export interface CaughtSms {
  sid: string;
  from: string;
  to: string;
  body: string;
  date: string;
}

export interface SmsGatewayOptions {
  port: number;
  file: string;
  accountSid: string;
  authToken: string;
}

/** Takes text messages in the shape of Twilio's Messages resource, and shows them at `/`, and as JSON at `/messages`. */
export async function startSmsGateway(options: SmsGatewayOptions) {
  const journal = createJournal<CaughtSms>(options.file);
  const messages = `/2010-04-01/Accounts/${options.accountSid}/Messages.json`;
  const server = await startHttpServer(options.port, (request) => {
    if (request.method === "GET" && request.path === "/messages") return json(200, journal.all());
    if (request.method === "GET" && request.path === "/") return html(smsPage(journal.all()));
    if (request.path !== messages || !["GET", "POST"].includes(request.method)) {
      return failure(404, 20404, "no such resource");
    }
    if (!isAuthorized(request, options.accountSid, options.authToken)) {
      return failure(401, 20003, "Authenticate");
    }
    if (request.method === "GET") return json(200, listOf(journal.all(), request.query.get("To")));

    const form = new URLSearchParams(request.body);
    const [to, from, body] = ["To", "From", "Body"].map((field) => form.get(field) ?? "") as [string, string, string];
    if (!/^\+[1-9]\d{6,14}$/.test(to)) {
      return failure(400, 21211, `Invalid 'To' Phone Number: ${to}`);
    }
    if (from === "") {
      return failure(400, 21603, "A 'From' phone number is required.");
    }
    if (body === "") return failure(400, 21602, "Message body is required.");

    const message = {
      sid: `SM${randomBytes(16).toString("hex")}`,
      from,
      to,
      body,
      date: new Date().toISOString(),
    };
    journal.add(message);
    return json(201, {
      ...message,
      account_sid: options.accountSid,
      status: "queued",
      error_code: null,
    });
  });
  const { accountSid, authToken } = options;
  return { url: server.url, accountSid, authToken, messages: journal.all, stop: server.stop };
}

/** The newest first, all on one page. */
function listOf(all: readonly CaughtSms[], to: string | null) {
  const messages = all.filter((one) => to === null || one.to === to).reverse();
  const listed = messages.map(({ date, ...message }) => ({
    ...message,
    direction: "outbound-api",
    status: "sent",
    date_created: new Date(date).toUTCString(),
  }));
  return { messages: listed, next_page_uri: null };
}

function failure(status: number, code: number, message: string) {
  return json(status, {
    code,
    message,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status,
  });
}
