import { join } from "node:path";
import { localFiles } from "./local-files.ts";
import { readMailCertificate } from "./mail-certificate.ts";
import type { Parts } from "./parts.ts";
import { type CertificateFiles, readCertificate } from "./stack/local-certificates.ts";
import type { Memory } from "./stack/memory.ts";
import { startSmtpCatcher } from "./stand-ins/smtp-catcher.ts";

const never = new Promise<never>(() => {});

/** The mail stand-in as a part; it refuses every mail with the reply in MAIL_REFUSES, as a rehearsal wants it. */
export async function startMail(parts: Parts, memory: Memory, certificates: CertificateFiles | undefined) {
  let mail: Awaited<ReturnType<typeof startSmtpCatcher>> | undefined;
  await parts.add("mail", async ({ MAIL_REFUSES: refusal }) => {
    mail = await startSmtpCatcher({
      smtpPort: await memory.port("smtp"),
      httpPort: await memory.port("mail"),
      file: join(localFiles.data, "mails.jsonl"),
      refusal,
      certificate: readMailCertificate() ?? (certificates && readCertificate(certificates)),
      requiresTls: certificates !== undefined,
    });
    return { died: never, stop: mail.stop };
  });
  return mail!;
}
