import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { localFiles } from "./local-files.ts";

/** Where `deploy/tls/make-certificates.sh` writes, when a rehearsal or a person has it make one for the mail stand-in. */
export const certificatesFolder = join(localFiles.data, "certificates");
const mailFolder = join(certificatesFolder, "mail");

/** Undefined where the mail stand-in has none, and offers no STARTTLS. */
export function readMailCertificate(): { cert: string; key: string } | undefined {
  if (!existsSync(join(mailFolder, "server.pem"))) return undefined;
  const read = (name: string) => readFileSync(join(mailFolder, name), "utf8");
  return { cert: read("server.pem"), key: read("server-key.pem") };
}

/** Whom the consumer trusts for it. */
export function mailAuthorityFile(): string | undefined {
  const file = join(mailFolder, "ca.pem");
  return existsSync(file) ? file : undefined;
}
