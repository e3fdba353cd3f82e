import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { PrivateServers } from "./private-servers.ts";
import { createServiceClock, type ServiceClock } from "./service-clock.ts";
import { type RunningService, startService } from "./service-process.ts";

export interface RunningProducer extends RunningService {
  /** May do everything. */
  apiKey: string;
  clock: Pick<ServiceClock, "reach">;
}

/** Starts the producer of the project in `root` on servers of its own. */
export async function startProducer(root: string, { databaseUrl, amqpUrl }: PrivateServers): Promise<RunningProducer> {
  const apiKey = randomBytes(24).toString("base64url");
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  const scopes = ["appointments:read", "appointments:write", "appointments:overbook", "doctors:write", "ops"];
  const clock = createServiceClock();
  const settings = {
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: databaseUrl,
    AMQP_URL: amqpUrl,
    API_KEYS: JSON.stringify([{ name: "contracts", sha256, scopes }]),
    RELAY_POLL_MS: "100",
    LOG_LEVEL: "info",
    ...clock.settings,
  };
  try {
    const service = await startService(join(root, "producer"), settings, clock.imports);
    return { ...service, apiKey, clock, stop: () => service.stop().finally(clock.remove) };
  } catch (error) {
    clock.remove();
    throw error;
  }
}
