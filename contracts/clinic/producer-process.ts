import { join } from "node:path";
import { type Callers, createCallers } from "./callers.ts";
import { producersMasterKey } from "./patient-keys.ts";
import type { PrivateServers } from "../src/wire/private-servers.ts";
import { createServiceClock, type ServiceClock } from "./service-clock.ts";
import { type RunningService, startService } from "../src/wire/service-process.ts";

export interface RunningProducer extends RunningService {
  /** May do everything. */
  apiKey: string;
  /** All who may. */
  callers: Callers["all"];
  clock: Pick<ServiceClock, "reach" | "now">;
}

/** As a clinic sets them that encrypts what identifies patients. */
const keySettings = {
  PATIENT_KEYS_SECRET: "a secret that is known to the contract's tests",
  PATIENT_KEYS_MASTER: producersMasterKey,
};

/** Starts the producer of the project in `root` on servers of its own; with `encrypts`, it has patients' keys. */
export async function startProducer(
  root: string,
  { databaseUrl, keysUrl, amqpUrl }: PrivateServers,
  { encrypts = false } = {},
): Promise<RunningProducer> {
  const callers = await createCallers();
  const clock = createServiceClock();
  const release = () => {
    callers.close();
    clock.remove();
  };
  const settings = {
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: databaseUrl,
    AMQP_URL: amqpUrl,
    ...callers.settings,
    ...(encrypts ? { PATIENT_KEYS_URL: keysUrl, ...keySettings } : {}),
    RELAY_POLL_MS: "100",
    LOG_LEVEL: "info",
    ...clock.settings,
  };
  try {
    const service = await startService(join(root, "producer"), settings, clock.imports);
    const { apiKey, all } = callers;
    return { ...service, apiKey, callers: all, clock, stop: () => service.stop().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}
