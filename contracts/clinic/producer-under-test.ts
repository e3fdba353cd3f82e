import type { ProducerUnderTest } from "../src/services.ts";
import type { SeeAnswer } from "../src/wire/answer-violations.ts";
import type { PrivateServers } from "../src/wire/private-servers.ts";
import { readKeys } from "./patient-keys.ts";
import { startProducer } from "./producer-process.ts";
import { createProducerApi } from "./producer-api.ts";
import { providerStates } from "./provider-states.ts";
import { walkOnTheWire } from "./walk-on-the-wire.ts";

/** Two producers on one outbox, of which the second encrypts: each writes what it says in its own form. */
export async function startProducerUnderTest(
  root: string,
  own: PrivateServers,
  see: SeeAnswer,
): Promise<ProducerUnderTest> {
  const producer = await startProducer(root, own);
  const encrypting = await startProducer(root, own, { encrypts: true }).catch(async (error) => {
    await producer.stop();
    throw error;
  });
  const api = createProducerApi(producer, see, encrypting);
  const states = Object.entries(providerStates).map(([name, state]) =>
    [name, (optionalFields: boolean) => state(api, optionalFields)] as const
  );
  return {
    states: Object.fromEntries(states),
    emitAny: async () => void await api.addDoctor({}),
    untilOutboxIsEmpty: api.untilOutboxIsEmpty,
    answer: (path, body) =>
      fetch(new URL(path, producer.url), {
        headers: { "x-api-key": producer.apiKey, "content-type": "application/json" },
        ...(body === undefined ? {} : { method: "POST", body }),
      }),
    walk: ({ capture, settle }, options) => walkOnTheWire({ producer, own, api, capture, settle, see }, options),
    keys: () => readKeys(own.keysUrl),
    stop: async () => void await Promise.all([producer.stop(), encrypting.stop()]),
  };
}
