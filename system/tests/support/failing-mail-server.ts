import { SMTPServer } from "smtp-server";

/** `refuses`: answers 550 to every recipient; `cuts`: breaks the connection when it has read the mail. */
export type MailFault = "refuses" | "cuts";

/** A mail server that takes mail until it is told not to. */
export async function startFailingMailServer(port: number) {
  let fault: MailFault | undefined;
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 100,
    onRcptTo(_address, _session, done) {
      done(fault === "refuses" ? Object.assign(new Error("5.7.1 not from you"), { responseCode: 550 }) : null);
    },
    onData(stream, _session, done) {
      stream.on("end", () => fault === "cuts" ? cut() : done()).resume();
    },
  });
  server.on("error", () => {});
  const cut = () => {
    for (const { _socket } of server.connections as unknown as Set<{ _socket: { destroy(): void } }>) _socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `smtp://127.0.0.1:${port}`,
    be: (now: MailFault | undefined) => void (fault = now),
    /** From now on connections are refused. */
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
