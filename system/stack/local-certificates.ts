import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../local-files.ts";
import { StackError } from "./stack-error.ts";

/** Paths of PEM files. */
export interface CertificateFiles {
  ca: string;
  cert: string;
  key: string;
}

/** In PEM. */
export function readCertificate({ cert, key }: CertificateFiles): { cert: string; key: string } {
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

const hosts = "localhost,127.0.0.1";

/** Certificates for servers of this machine, by the script that makes those of compose; what is there and current stays. */
export function makeCertificates<Name extends string>(
  folder: string,
  names: readonly Name[],
): Record<Name, CertificateFiles> {
  const script = join(root, "deploy/tls/make-certificates.sh");
  try {
    execFileSync("sh", [script, folder, ...names.map((name) => `${name}::${hosts}`)], { stdio: "pipe" });
  } catch (cause) {
    const said = String((cause as { stderr?: Uint8Array }).stderr ?? cause).trim();
    throw new StackError(`the certificates could not be made; openssl is needed for them. The script said:\n${said}`, {
      cause,
    });
  }
  const filesOf = (name: Name): CertificateFiles => ({
    ca: join(folder, name, "ca.pem"),
    cert: join(folder, name, "server.pem"),
    key: join(folder, name, "server-key.pem"),
  });
  return Object.fromEntries(names.map((name) => [name, filesOf(name)])) as Record<Name, CertificateFiles>;
}
