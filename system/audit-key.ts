import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

const name = "local.example/audit";
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** A value for AUDIT_SIGNING_KEY that follows from a secret, as `consumer audit new-key` prints one of chance. */
export function auditKey(secret: string): string {
  const seed = createHash("sha256").update(secret).digest();
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  const id = createHash("sha256").update(`${name}\n`).update(Buffer.of(1)).update(publicKey).digest("hex").slice(0, 8);
  return `PRIVATE+KEY+${name}+${id}+${Buffer.concat([Buffer.of(1), seed]).toString("base64")}`;
}
