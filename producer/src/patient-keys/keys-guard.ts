import { isUnavailable } from "../postgres/is-unavailable.ts";

/**
 * The database of patients' keys is away. Not with that database's own error: a lost connection or a refused write would be
 * taken for the loss or the refusal of the transaction that needs the key.
 */
export class KeysAwayError extends Error {
  override name = "KeysAwayError";
}

const timeoutMs = 2_000;
const pauseMs = 1_000;

/** The table is made as soon as its database is there. */
const isNotMadeYet = (error: unknown) => (error as { code?: string }).code === "42P01";

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new KeysAwayError(`The database of patients' keys did not answer within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/**
 * Asks for keys from within a transaction. Once they are away only one question at a time tries them, and the others are
 * refused at once: whoever waited would hold a connection that is needed by what needs no key.
 */
export function createKeysGuard(nowMs: () => number = () => performance.now()) {
  let awayUntil: number | undefined;

  return async function asking<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    if (awayUntil !== undefined) {
      if (nowMs() < awayUntil) throw new KeysAwayError("The database of patients' keys was away a moment ago");
      awayUntil = nowMs() + timeoutMs + pauseMs;
    }
    try {
      const answer = await inTime(question());
      awayUntil = undefined;
      return answer;
    } catch (error) {
      const isAway = error instanceof KeysAwayError || isUnavailable(error) || isNotMadeYet(error);
      awayUntil = isAway ? nowMs() + pauseMs : undefined;
      if (!isAway || error instanceof KeysAwayError) throw error;
      throw new KeysAwayError("The database of patients' keys is away", { cause: error });
    }
  };
}
