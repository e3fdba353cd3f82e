import { join } from "node:path";
import { type Callers, createCallers } from "./callers.ts";
import type { PrivateServers } from "./private-servers.ts";
import { createServiceClock, type ServiceClock } from "./service-clock.ts";
import { type RunningService, startService } from "./service-process.ts";

export interface RunningProducer extends RunningService {
  /** May do everything. */
  apiKey: string;
  /** All who may. */
  callers: Callers["all"];
  clock: Pick<ServiceClock, "reach" | "now">;
}

/** Starts the producer of the project in `root` on servers of its own. */
export async function startProducer(root: string, { databaseUrl, amqpUrl }: PrivateServers): Promise<RunningProducer> {
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
