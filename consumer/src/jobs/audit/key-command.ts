import { randomBytes } from "node:crypto";
import { type CommandContext, UsageError } from "../../cli/command.ts";
import { isKeyName, signerOf, writeSigner, writeVerifier } from "./signed-note.ts";

const defaultName = "appointments.example/audit";

/** `consumer audit new-key [NAME]`: answers the exit code. */
export function runNewKey({ print }: CommandContext, json: boolean, name = defaultName): number {
  if (!isKeyName(name)) throw new UsageError(`A key's name has no spaces and no +, as in ${defaultName}`);
  const signer = signerOf(name, randomBytes(32));
  const [signingKey, publicKey] = [writeSigner(signer), writeVerifier(signer)];
  print(
    json
      ? JSON.stringify({ signingKey, publicKey })
      : `AUDIT_SIGNING_KEY=${signingKey}\n# For whoever checks the trail: ${publicKey}`,
  );
  return 0;
}

/** `consumer audit public-key`: answers the exit code. */
export function runPublicKey({ config, print, note }: CommandContext, json: boolean): number {
  if (!config.audit.signer) {
    note("AUDIT_SIGNING_KEY is not set.");
    return 1;
  }
  const publicKey = writeVerifier(config.audit.signer);
  print(json ? JSON.stringify({ publicKey }) : publicKey);
  return 0;
}
