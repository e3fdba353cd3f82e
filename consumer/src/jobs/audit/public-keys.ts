import { UsageError } from "../../cli/command.ts";
import { type NoteVerifier, parseVerifier } from "./signed-note.ts";
import { weaknessOfPublicKey } from "./weak-keys.ts";
import { parseWitnessKey } from "./witness/cosignature.ts";

/** The values of --public-key. Throws a UsageError for what is none, and for one that anybody can sign for. */
export function parsePublicKeys(texts: readonly string[]): NoteVerifier[] {
  return texts.map((text) => {
    try {
      const verifier = parseVerifier(text);
      const weakness = weaknessOfPublicKey(verifier.publicKey);
      if (weakness !== undefined) throw new Error(weakness);
      return verifier;
    } catch (error) {
      throw new UsageError(`--public-key ${(error as Error).message}`, { cause: error });
    }
  });
}

/** The value of --witness, refused likewise. */
export function parseWitness(text: string): NoteVerifier {
  try {
    return parseWitnessKey(text);
  } catch (error) {
    throw new UsageError(`--witness ${(error as Error).message}`, { cause: error });
  }
}
