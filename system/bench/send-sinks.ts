import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { SMTPServer } from "smtp-server";

/**
 * The servers that a benchmark hands mails, text messages and calendar entries over to: they take everything and keep a
 * count. A process of its own, so that their work is not that of who sends; `count` is answered with what came since.
 */
export interface SinkCount {
  count: number;
  /** From the first to the last, in ms. */
  elapsedMs: number;
}

let count = 0;
let [first, last] = [0, 0];

function took(): void {
  last = performance.now();
  if (count++ === 0) first = last;
}

const smtp = new SMTPServer({
  disabledCommands: ["AUTH", "STARTTLS"],
  disableReverseLookup: true,
  logger: false,
  onData(stream, _session, done) {
    stream.on("end", () => {
      took();
      done();
    });
    stream.resume();
  },
});
smtp.on("error", () => {});

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on("end", () => {
    const isCalendar = request.url?.startsWith("/calendars/");
    // A calendar is read for its entry only where something was left half done.
    if (request.method === "PUT" || request.method === "POST") took();
    if (request.method === "GET") response.writeHead(404).end();
    else if (isCalendar) response.writeHead(201, { etag: `"${count}"` }).end();
    else response.writeHead(201, { "content-type": "application/json" }).end(`{"sid":"SM${count}","status":"queued"}`);
  });
}

const http = createServer(answer);
const listening = (server: typeof http) => (server.address() as AddressInfo).port;

smtp.listen(0, "127.0.0.1", () =>
  http.listen(0, "127.0.0.1", () => {
    process.send!({ smtpPort: listening(smtp.server as typeof http), httpPort: listening(http) });
  }));
process.on("message", () => {
  process.send!({ count, elapsedMs: last - first } satisfies SinkCount);
  count = 0;
});
process.on("disconnect", () => process.exit());
