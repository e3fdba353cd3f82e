import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, it } from "vitest";
import { smtpReply } from "./notifications-mail-server.ts";
import { createSmtpMailer } from "../src/smtp/mailer.ts";

let server: SMTPServer;

afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

function cut(): void {
  for (const connection of server.connections as Set<{ _socket: { destroy(): void } }>) connection._socket.destroy();
}

const refuse = (code: number, text: string) => (_: unknown, __: unknown, done: (error?: Error | null) => void) =>
  done(smtpReply(code, text));
const never = () => {};

it.each<[string, SMTPServerOptions, { kind: string; reason?: string }]>([
  ["accepts", {}, { kind: "accepted" }],
  ["refuses the recipient for good", { onRcptTo: refuse(550, "no such user x@y.example") }, {
    kind: "rejected",
    reason: "Can't send mail - all recipients were rejected: 550 no such user (address)",
  }],
  ["refuses the recipient for now", { onRcptTo: refuse(450, "greylisted") }, { kind: "deferred" }],
  ["refuses the content for good", { onData: refuseData(554) }, { kind: "rejected", reason: "Message failed: 554 no" }],
  ["refuses the content for now", { onData: refuseData(451) }, { kind: "deferred" }],
  ["refuses the sender", { onMailFrom: refuse(550, "not you") }, { kind: "unavailable" }],
  ["is closing down", { onRcptTo: refuse(421, "closing") }, { kind: "unavailable" }],
  ["serves nobody", { onConnect: (_, done) => done(smtpReply(421, "busy")) }, { kind: "unavailable" }],
  ["hangs up at once", { onConnect: cut }, { kind: "unavailable" }],
  ["hangs up before the content", { onRcptTo: cut }, { kind: "unavailable" }],
  ["goes silent before the content", { onRcptTo: never }, { kind: "unavailable" }],
  ["hangs up after the content", { onData: (stream) => void stream.resume().on("end", cut) }, { kind: "unknown" }],
  ["goes silent after the content", { onData: (stream) => void stream.resume() }, { kind: "unknown" }],
])("a server that %s", async (_, options, expected) => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    closeTimeout: 100,
    onData: (stream, _session, done) => void stream.resume().on("end", () => done()),
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as { port: number };
  const mailer = createSmtpMailer({
    url: `smtp://127.0.0.1:${port}`,
    from: "appointments@clinic.example",
    connections: 1,
    timeoutMs: 2000,
  });

  const mail = { to: "x@y.example", subject: "s", text: "t", html: "<p>t</p>", messageId: "1@clinic.example" };
  expect(await mailer.send(mail)).toMatchObject(expected);
  mailer.close();
});

function refuseData(code: number): NonNullable<SMTPServerOptions["onData"]> {
  return (stream, _session, done) => void stream.resume().on("end", () => done(smtpReply(code, "no")));
}
