import { SMTPServer } from "smtp-server";

export interface SlowMailServer {
  url: string;
  accepted: number;
  /** Mails that were taken at the same time. */
  mostAtOnce: number;
  /** Mails a second, from the first moment when so many were taken at once until the last mail. */
  rateSince(atOnce: number): number;
  stop(): Promise<void>;
}

/** Takes `ms` for each mail and keeps none. */
export async function startSlowMailServer(ms: number): Promise<SlowMailServer> {
  /** When so many mails were first taken at once, and how many there had been before. */
  const first: { at: number; accepted: number }[] = [];
  let atOnce = 0;
  let endedAt = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    closeTimeout: 100,
    onData(stream, _session, done) {
      first[++atOnce] ??= { at: performance.now(), accepted: slow.accepted };
      slow.mostAtOnce = Math.max(slow.mostAtOnce, atOnce);
      stream.resume().on("end", () =>
        setTimeout(() => {
          atOnce -= 1;
          slow.accepted += 1;
          endedAt = performance.now();
          done();
        }, ms));
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const slow: SlowMailServer = {
    url: `smtp://127.0.0.1:${(server.server.address() as { port: number }).port}`,
    accepted: 0,
    mostAtOnce: 0,
    rateSince(atOnce) {
      const begun = first[atOnce]!;
      return (slow.accepted - begun.accepted) / ((endedAt - begun.at) / 1000);
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return slow;
}
