import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { onTestFinished } from "vitest";
import type { Certificate } from "../support/certificates.ts";
import { freePort } from "./radicale.ts";

const program = "/usr/sbin/dovecot";
/** Dovecot gives no mail to root: then it runs as Debian's nobody. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const nameOf = (option: "-un" | "-gn", otherwise: string) =>
  nobody ? otherwise : spawnSync("id", [option], { encoding: "utf8" }).stdout.trim();

export interface Mailboxes {
  /** Of the maildirs, one for each local part. */
  folder: string;
  url(user: string, password?: string, mailbox?: string): string;
  port: number;
  /** How many mails of a user are marked as seen, and how many are not. */
  count(user: string): { seen: number; unseen: number };
  /** Puts a mail there as it is. */
  put(user: string, mail: string): void;
}

/** Dovecot (Debian's package dovecot-imapd), which speaks IMAP in TLS only, until the test is finished; with empty mailboxes. */
export async function startDovecot(certificate: Certificate, users: readonly string[]): Promise<Mailboxes> {
  if (spawnSync(program, ["--version"]).error) {
    throw new Error("These tests need Dovecot: apt-get install dovecot-imapd");
  }
  const root = mkdtempSync(join(tmpdir(), "dovecot-"));
  const folder = join(root, "mail");
  mkdirSync(folder);
  const files = { cert: join(root, "cert.pem"), key: join(root, "key.pem"), config: join(root, "dovecot.conf") };
  writeFileSync(files.cert, certificate.cert);
  writeFileSync(files.key, certificate.key);
  const port = await freePort();
  const [user, group] = [nameOf("-un", "nobody"), nameOf("-gn", "nogroup")];
  const { uid, gid } = nobody ?? { uid: process.getuid!(), gid: process.getgid!() };
  writeFileSync(
    files.config,
    `base_dir = ${root}/run
state_dir = ${root}/run
log_path = ${root}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <${files.cert}
ssl_key = <${files.key}
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
mail_location = maildir:${folder}/%n
first_valid_uid = 1
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${root}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${port}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`,
  );
  // Exim delivers into them as a user of its own.
  for (const user of users) {
    for (const place of ["", "new", "cur", "tmp"]) {
      mkdirSync(join(folder, user, place), { recursive: true });
      chmodSync(join(folder, user, place), 0o777);
    }
  }
  chmodSync(folder, 0o777);
  if (nobody) { for (const place of [root, folder, ...Object.values(files)]) chownSync(place, uid, gid); }
  chmodSync(root, 0o755);
  const server = spawn(program, ["-F", "-c", files.config], { stdio: "ignore", ...nobody });
  const stopped = once(server, "exit");
  onTestFinished(async () => {
    server.kill();
    await stopped;
    rmSync(root, { recursive: true, force: true });
  });

  const namesIn = (user: string, place: string) => {
    const path = join(folder, user, place);
    return existsSync(path) ? readdirSync(path) : [];
  };
  for (let attempt = 0; attempt < 300 && server.exitCode === null; attempt += 1) {
    if (await greets(port)) {
      return {
        folder,
        port,
        url: (user, password = "secret", mailbox = "INBOX") =>
          `imaps://${user}:${password}@localhost:${port}/${mailbox}`,
        count(user) {
          const names = [...namesIn(user, "new"), ...namesIn(user, "cur")];
          const seen = names.filter((name) => /:2,\w*S/.test(name)).length;
          return { seen, unseen: names.length - seen };
        },
        put(user, mail) {
          const file = join(folder, user, "new", `${Date.now()}.${Math.random()}.put`);
          writeFileSync(file, mail);
          chmodSync(file, 0o666);
        },
      };
    }
    await sleep(100);
  }
  throw new Error("Dovecot did not answer within 30 seconds");
}

async function greets(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  try {
    await once(socket, "data");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
