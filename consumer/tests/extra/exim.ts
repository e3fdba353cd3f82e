import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Certificate } from "../support/certificates.ts";
import { freePort } from "./radicale.ts";

const program = "/usr/sbin/exim4";

export interface EximOptions {
  /** Offered with STARTTLS; not offered without. */
  certificate?: Certificate;
  /** What becomes of each recipient: an ACL statement. */
  recipients?: string;
  /** Mails are delivered here, to a maildir of each of these local parts; those to others bounce. */
  maildirs?: { folder: string; localParts: string[] };
  /** Offers notifications of delivery (RFC 3461). */
  dsn?: boolean;
}

/** Exim (Debian's package exim4-daemon-light) until the test is finished; without maildirs it keeps mails in its queue. */
export async function startExim({ certificate, recipients = "accept", maildirs, dsn = false }: EximOptions) {
  if (spawnSync(program, ["-bV"]).error) throw new Error("These tests need Exim: apt-get install exim4-daemon-light");
  const folder = mkdtempSync(join(tmpdir(), "exim-"));
  // Started by root it becomes a user of its own.
  chmodSync(folder, 0o777);
  const spool = join(folder, "spool");
  for (const place of [spool, join(spool, "input")]) {
    mkdirSync(place);
    chmodSync(place, 0o777);
  }
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const port = await freePort();
  const tls = certificate
    ? `tls_advertise_hosts = *
tls_certificate = ${file("cert.pem", certificate.cert)}
tls_privatekey = ${file("key.pem", certificate.key)}`
    : "tls_advertise_hosts =";
  const config = file(
    "exim.conf",
    `primary_hostname = localhost
spool_directory = ${spool}
log_file_path = ${folder}/%slog
pid_file_path = ${folder}/pid
local_interfaces = <; 127.0.0.1 ; ::1
${tls}
${maildirs ? "deliver_drop_privilege" : "queue_only"}
smtp_accept_queue_per_connection = 0
dsn_advertise_hosts = ${dsn ? "*" : ""}
host_lookup =
acl_smtp_rcpt = recipients
begin acl
recipients:
  ${recipients}
begin routers
${maildirs ? routerOf(maildirs.localParts) : ""}
begin transports
${maildirs ? transportTo(maildirs.folder) : ""}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if eq{$auth3}{secret}}
  server_set_id = $auth2
`,
  );
  chmodSync(config, 0o644);
  const server = spawn(program, ["-C", config, "-bdf", "-oX", String(port)], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => output += chunk);
  const stopped = once(server, "exit");
  onTestFinished(async () => {
    server.kill();
    await stopped;
    rmSync(folder, { recursive: true, force: true });
  });

  for (let attempt = 0; attempt < 300 && server.exitCode === null; attempt += 1) {
    if (await answers(port)) {
      return {
        port,
        /** How many mails of this sender it took. */
        taken: (sender: string) =>
          readFileSync(join(folder, "mainlog"), "utf8").split("\n").filter((line) => line.includes(` <= ${sender} `))
            .length,
        /** The recipients of the mails that it took. */
        recipients: () =>
          readdirSync(join(spool, "input")).filter((name) => name.endsWith("-H")).map((name) =>
            /^(\S+@\S+)$/m.exec(readFileSync(join(spool, "input", name), "utf8").split("\nXX\n")[1] ?? "")?.[1]
          ).sort(),
      };
    }
    await sleep(100);
  }
  throw new Error(`Exim did not answer within 30 seconds: ${output}`);
}

const routerOf = (localParts: readonly string[]) =>
  `known:
  driver = accept
  local_parts = ${localParts.join(" : ")}
  transport = maildir`;

/** Whoever serves the maildirs is another user. */
const transportTo = (folder: string) =>
  `maildir:
  driver = appendfile
  directory = ${folder}/\${local_part_data}
  maildir_format
  create_directory
  directory_mode = 0777
  mode = 0666`;

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "data");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
