import process from "node:process";
import { whenNpmIsGone } from "./stack/npm-ancestors.ts";
import { createReleases, type Releases } from "./stack/releases.ts";
import { StackError } from "./stack/stack-error.ts";

export interface Session {
  report(line: string): void;
  releases: Releases;
  /** Aborted by Ctrl-C, SIGTERM, a closed terminal or the end of the npm that started this. */
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
  whenNpmIsGone(() => interruption.abort("SIGHUP"));
  // Whoever read the output may be gone; what was started has to be stopped all the same.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  try {
    code = await body({ report, releases, signal: interruption.signal });
  } catch (error) {
    if (!interruption.signal.aborted) {
      const isWrongCall = isUsageError(error);
      console.error(error instanceof StackError || isWrongCall ? error.message : error);
      if (isWrongCall) code = 2;
    }
  }
  if (interruption.signal.aborted) {
    code = exitCodes[interruption.signal.reason as keyof typeof exitCodes];
  }
  await releases.run();
  process.exit(code);
}

/** What `parseArgs` throws at an option that there isn't. */
function isUsageError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS_");
}
