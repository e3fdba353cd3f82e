import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startMailServer } from "./mail-server.ts";
import { deno } from "../../support/deno.ts";

const folder = fileURLToPath(new URL("../../../", import.meta.url));

/** Hands a mail over in a Deno process that may reach this one host and port, by this one name. */
async function sendOnDeno(url: string, host: string): Promise<unknown> {
  const permissions = ["--no-prompt", `--allow-net=${host}`, "--ignore-env", "--allow-sys=hostname", "--allow-read=."];
  const script = "tests/jobs/notifications/mailer-process.ts";
  const { stdout } = await promisify(execFile)(deno!, ["run", ...permissions, script, url], {
    cwd: folder,
  });
  return JSON.parse(stdout);
}

it.skipIf(!deno).each(
  [
    ["in the clear", undefined, "smtp"],
    ["after STARTTLS", "STARTTLS", "smtp"],
    ["over TLS", "from the first byte", "smtps"],
  ] as const,
)(
  "on Deno a mail goes out %s to a server of which only the name and the port are allowed",
  async (_, tls, scheme) => {
    const server = await startMailServer(tls ? { tls } : {});
    const host = `localhost:${server.port}`;
    const handOver = await sendOnDeno(`${scheme}://${host}/?tls.rejectUnauthorized=false`, host);
    expect(handOver).toMatchObject({ kind: "accepted" });
    expect(server.mails.map(({ messageId }) => messageId)).toEqual(["<1@clinic.example>"]);
  },
);
