import { compactDecrypt, CompactEncrypt } from "jose";

/** A key of 256 bits that wraps patients' keys, under the name by which a wrapped key says which one it was. */
export type MasterKey = { readonly id: string; readonly key: Uint8Array };

export type MasterKeys = ReturnType<typeof createMasterKeys>;

/** The first one wraps; the others only unwrap what they have wrapped before. */
export function createMasterKeys(keys: readonly [MasterKey, ...MasterKey[]]) {
  const [current] = keys;
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    current: current.id,
    ids: keys.map(({ id }) => id),

    /** The key of a patient as a JWE that says which key it is, so that no other one can be put in its place. */
    async wrap(kid: string, key: Uint8Array): Promise<string> {
      return await new CompactEncrypt(key)
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: current.id, wraps: kid })
        .encrypt(current.key);
    },

    /** Throws where the master key is not known, or the wrapped key is another's or was changed. */
    async unwrap(kid: string, wrapped: string): Promise<Uint8Array> {
      const { plaintext, protectedHeader } = await compactDecrypt(wrapped, ({ kid: master }) => {
        const key = byId.get(String(master));
        if (!key) throw new Error(`The key ${kid} is wrapped by a master key that PATIENT_KEYS_MASTER does not have`);
        return key;
      }, { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] });
      if (protectedHeader["wraps"] !== kid) throw new Error(`What is kept as the key ${kid} is another patient's`);
      return plaintext;
    },
  };
}
