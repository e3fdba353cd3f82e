import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, it } from "vitest";
import { smtpReply } from "./mail-server.ts";
import { createSmtpMailer } from "../../../src/jobs/notifications/smtp/mailer.ts";

let server: SMTPServer | undefined;

afterEach(async () => {
  await new Promise<void>((resolve) => server ? server.close(() => resolve()) : resolve());
  server = undefined;
});

const mail = { to: "x@y.example", subject: "s", text: "t", html: "<p>t</p>", messageId: "1@clinic.example" };

async function send(url: string, timeoutMs: number) {
  const mailer = createSmtpMailer({
    url,
    from: { name: "", address: "appointments@clinic.example" },
    connections: 1,
    timeoutMs,
  });
  try {
    return await mailer.send(mail);
  } finally {
    mailer.close();
  }
}

function cut(): void {
  for (const connection of server!.connections as Set<{ _socket: { destroy(): void } }>) connection._socket.destroy();
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
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as { port: number };
  expect(await send(`smtp://127.0.0.1:${port}`, 2000)).toMatchObject(expected);
});

it.each([
  ["is not running", "127.0.0.1:1"],
  ["has a name that nobody knows", "mail.invalid"],
  ["never answers to a connection", "192.0.2.1:25"],
])("a server that %s has taken nothing, which is known in time", async (_, address) => {
  const begun = performance.now();
  expect(await send(`smtp://${address}`, 500)).toMatchObject({ kind: "unavailable" });
  expect(performance.now() - begun).toBeLessThan(5000);
});

function refuseData(code: number): NonNullable<SMTPServerOptions["onData"]> {
  return (stream, _session, done) => void stream.resume().on("end", () => done(smtpReply(code, "no")));
}
