import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { root } from "../local-files.ts";
import { certificatesFolder } from "../mail-certificate.ts";
import { findExecutable } from "../stack/find-executable.ts";
import type { Rehearsal } from "./rehearsal.ts";

const script = join(root, "deploy/tls/make-certificates.sh");

export const certificateExpired: Rehearsal = {
  name: "certificate-expired",
  title: "the mail server's certificate is past its end",
  notice: "bookings succeed, and neither patient nor doctor gets a mail",
  notHere: () => findExecutable("openssl") ? undefined : "openssl is not installed",
  async cause(scene) {
    rmSync(certificatesFolder, { recursive: true, force: true });
    await promisify(execFile)("sh", [script, certificatesFolder, "mail::127.0.0.1"], {
      // It ends in the second in which it begins.
      env: { ...process.env, CERTIFICATE_DAYS: "0" },
    });
    await scene.restart("mail");
    await scene.restart("consumer");
    await scene.book();
  },
  async undo(scene) {
    rmSync(certificatesFolder, { recursive: true, force: true });
    await scene.restart("mail");
    await scene.restart("consumer");
  },
};
