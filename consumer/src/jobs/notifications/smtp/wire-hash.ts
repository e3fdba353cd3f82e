import { createHash } from "node:crypto";

const newline = 0x0a;
const carriageReturn = 0x0d;

export interface WireHash {
  update(chunk: Uint8Array): void;
  /** In hex. */
  digest(): string;
}

/** SHA-256 of a message as SMTP carries it (RFC 5321, 2.3.8): every line ends with CR LF, whatever it was written with. */
export function createWireHash(): WireHash {
  const hash = createHash("sha256");
  let last = 0;

  return {
    update(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) {
        if ((at === 0 ? last : chunk[at - 1]) === carriageReturn) continue;
        hash.update(chunk.subarray(from, at)).update("\r\n");
        from = at + 1;
      }
      hash.update(chunk.subarray(from));
      last = chunk.at(-1) ?? last;
    },
    digest() {
      if (last !== newline) hash.update("\r\n");
      return hash.digest("hex");
    },
  };
}
