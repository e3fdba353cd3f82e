import type { JobName } from "../generated/jobs.ts";
import { isUnavailable } from "../postgres/failure-kind.ts";
import type { FindKeys, PatientKey } from "../patient-keys/key-reader.ts";
import { isEncrypted, keyNeededBy, openEvent } from "../patient-keys/open-event.ts";
import { readAs, type ReceivedEvent } from "./message.ts";
import { PermanentError } from "./permanent-error.ts";
import type { WhileAway } from "./run-batch.ts";

/** `asking` runs the question for the keys, and knows what to do while their database is away. */
export type OpenTogether = (
  received: readonly ReceivedEvent[],
  asking: WhileAway,
) => Promise<(ReceivedEvent | Error)[]>;

type Keys = ReadonlyMap<string, PatientKey | Error>;

const nothing: Keys = new Map();

/**
 * Turns what the job reads encrypted into the plain form, so that no job knows of it; what can't be opened is an error in
 * its place. All keys that a batch needs are one question; where their database is away, that fails.
 */
export function createOpenTogether(job: JobName, findKeys: FindKeys | undefined): OpenTogether {
  function open(received: ReceivedEvent, keys: Keys): ReceivedEvent {
    const { event } = received;
    if (!isEncrypted(event)) return received;
    const kid = keyNeededBy(event);
    if (kid !== undefined && !findKeys) {
      throw new PermanentError("no-keys", "PATIENT_KEYS_URL is not set, and this event is encrypted");
    }
    return { ...received, event: readAs(job, openEvent(event, kid === undefined ? undefined : keys.get(kid))) };
  }

  function tryToOpen(received: ReceivedEvent, keys: Keys): ReceivedEvent | Error {
    try {
      return open(received, keys);
    } catch (error) {
      return error as Error;
    }
  }

  /** Undefined also for what is no ciphertext: its turn says so. */
  function neededBy({ event }: ReceivedEvent): string | undefined {
    try {
      return isEncrypted(event) ? keyNeededBy(event) : undefined;
    } catch {
      return undefined;
    }
  }

  /** What is wrong with the question is no fault of the events that need no key. */
  async function find(kids: readonly string[]): Promise<Keys> {
    if (!findKeys) return nothing;
    try {
      return await findKeys(kids);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      return new Map(kids.map((kid) => [kid, error as Error]));
    }
  }

  return async function openTogether(received, asking) {
    if (!received.some(({ event }) => isEncrypted(event))) return [...received];
    const kids = received.flatMap((one) => neededBy(one) ?? []);
    const keys = kids.length > 0 ? await asking(() => find(kids)) : nothing;
    return received.map((one) => tryToOpen(one, keys));
  };
}
