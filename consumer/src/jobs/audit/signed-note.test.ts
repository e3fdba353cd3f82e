import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openNote, parseSigner, parseVerifier, signerOf, signNote, writeSigner, writeVerifier } from "./signed-note.ts";
import { readTreeCheckpoint, writeTreeCheckpoint } from "./tree-checkpoint.ts";

/** The keys and the note of the documentation of Go's golang.org/x/mod/sumdb/note. */
const peterNeumann = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const note = `${text}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

test("keys and notes are those of Go's sumdb/note", () => {
  const signer = parseSigner(secret);
  expect(writeVerifier(signer)).toBe(peterNeumann);
  expect(writeSigner(signer)).toBe(secret);
  expect(signNote(text, signer)).toBe(note);
  expect(openNote(note, [parseVerifier(peterNeumann)])).toBe(text);
});

test("a note is opened by a key that has signed it, and by no other", () => {
  const [own, other] = [signerOf("one", randomBytes(32)), signerOf("one", randomBytes(32))];
  const signed = signNote("text\n", own);
  expect(openNote(signed, [own])).toBe("text\n");
  expect(openNote(signed, [other])).toBeUndefined();
  expect(openNote(signed.replace("text", "test"), [own])).toBeUndefined();
  expect(openNote(`${signed}— other AAAAAAAA\n`, [own])).toBe("text\n");
  expect(openNote("text\n", [own])).toBeUndefined();
  expect(openNote(signed.trimEnd(), [own])).toBeUndefined();
});

test.each([
  ["", "NAME"],
  ["a secret", "no key that"],
  [secret.replace("c74f20a3", "c74f20a4"), "damaged"],
  [secret.slice(0, -4), "no Ed25519 key"],
])("the key %j is refused, and is not quoted", (key, reason) => {
  const parse = () => (key === "" ? parseVerifier(key) : parseSigner(key));
  expect(parse).toThrow(reason);
  if (key !== "") expect(parse).not.toThrow(key.slice(-10));
});

test("a checkpoint has the log's name, size and root, and holds for that log alone", () => {
  const signer = signerOf("clinic.example/audit", randomBytes(32));
  const head = { size: 7, root: randomBytes(32) };
  const checkpoint = writeTreeCheckpoint(head, signer);
  expect(checkpoint.split("\n").slice(0, 4)).toEqual(["clinic.example/audit", "7", head.root.toString("base64"), ""]);
  expect(readTreeCheckpoint(checkpoint, [signer])).toEqual(head);
  const root = head.root.toString("base64");
  for (const wrong of [`another\n7\n${root}\n`, `${signer.name}\n07\n${root}\n`, `${signer.name}\n7\nAAAA\n`, "\n"]) {
    expect(readTreeCheckpoint(signNote(wrong, signer), [signer])).toBeUndefined();
  }
  expect(Buffer.byteLength(checkpoint)).toBeLessThan(300);
});
