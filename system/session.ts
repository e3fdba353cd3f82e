import process from "node:process";
import { createReleases, type Releases } from "./stack/releases.ts";
import { StackError } from "./stack/stack-error.ts";

export interface Session {
  report(line: string): void;
  releases: Releases;
  /** Aborted by Ctrl-C, SIGTERM or a closed terminal. */
  signal: AbortSignal;
}

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Runs the body, then undoes what it registered, whatever happened, and exits with the body's code. */
export async function runSession(body: (session: Session) => Promise<number>): Promise<never> {
  const started = Date.now();
  const report = (line: string) =>
    console.log(
      `[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`,
    );
  const releases = createReleases(report);
  const interruption = new AbortController();
  let code = 1;
  for (const signal of Object.keys(exitCodes) as (keyof typeof exitCodes)[]) {
    process.on(signal, () => interruption.abort(signal));
  }
  try {
    code = await body({ report, releases, signal: interruption.signal });
  } catch (error) {
    if (!interruption.signal.aborted) {
      console.error(error instanceof StackError ? error.message : error);
    }
  }
  if (interruption.signal.aborted) {
    code = exitCodes[interruption.signal.reason as keyof typeof exitCodes];
  }
  await releases.run();
  process.exit(code);
}
