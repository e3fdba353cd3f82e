import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  readSignatures,
  signatureLine,
  signerOf,
  signNote,
  signText,
  verifierOf,
  writeVerifier,
} from "../signed-note.ts";
import { addCosignature, cosignatureType, cosignedAt, cosignedText, parseWitnessKey } from "./cosignature.ts";

/** The example of C2SP tlog-cosignature, which names no key. */
const checkpoint = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const line = "— witness.example.com/w1 " +
  "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

const log = signerOf("clinic.example/audit", randomBytes(32));
const { seed, publicKey } = signerOf("witness.example/w1", randomBytes(32));
const witness = verifierOf("witness.example/w1", publicKey, cosignatureType);
const text = `${log.name}\n7\n${randomBytes(32).toString("base64")}\n`;
const note = signNote(text, log);

function cosign(seconds: bigint, of = text): string {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(seconds);
  return signatureLine(witness, Buffer.concat([timestamp, signText(cosignedText(of, seconds), seed)]));
}

test("what is cosigned is the text of the specification's example, at the time of its line", () => {
  const [{ name, id, signature } = { name: "", id: Buffer.alloc(0), signature: Buffer.alloc(0) }] = readSignatures(
    line,
  )!;
  expect(name).toBe("witness.example.com/w1");
  expect(id.toString("hex")).toBe("8d66cf3f");
  expect(signature).toHaveLength(72);
  const seconds = signature.readBigUInt64BE();
  expect(cosignedText(checkpoint, seconds)).toBe(`cosignature/v1\ntime 1679315147\n${checkpoint}`);
});

test("a note is cosigned by the witness' key, with its time, and by no other", () => {
  const cosigned = addCosignature(note, cosign(1_679_315_147n), witness)!;
  expect(cosignedAt(cosigned, witness)).toEqual(new Date("2023-03-20T12:25:47Z"));
  expect(cosignedAt(note, witness)).toBeUndefined();
  // The same key as that of a log's signature is another one: its id says what it signs.
  expect(cosignedAt(cosigned, verifierOf(witness.name, publicKey, 1))).toBeUndefined();
  expect(cosignedAt(cosigned.replace("\n7\n", "\n8\n"), witness)).toBeUndefined();
});

test("of an answer the witness' own lines are taken, if they are cosignatures of this note", () => {
  const foreign = signatureLine({ name: "other", id: Buffer.alloc(4) }, Buffer.alloc(72));
  expect(addCosignature(note, `${foreign}${cosign(1n)}${foreign}`, witness)).toBe(`${note}${cosign(1n)}`);
  for (
    const wrong of [
      "",
      "\n",
      foreign,
      cosign(1n, "another\n"),
      cosign(1n).trimEnd(),
      signatureLine(witness, Buffer.alloc(3)),
    ]
  ) {
    expect(addCosignature(note, wrong, witness)).toBeUndefined();
  }
});

test("a witness' key is read as C2SP writes it; one of a log, or that anybody can sign for, is refused", () => {
  expect(parseWitnessKey(writeVerifier(witness, cosignatureType))).toEqual(witness);
  expect(() => parseWitnessKey(writeVerifier(log))).toThrow("signature type 4");
  const anybodys = verifierOf("witness.example/w1", Buffer.alloc(32), cosignatureType);
  expect(() => parseWitnessKey(writeVerifier(anybodys, cosignatureType))).toThrow("small order");
});
