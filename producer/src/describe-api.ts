import { readConfig } from "./config.ts";
import { createService } from "./service.ts";
import { createLog } from "./telemetry/log.ts";

/** The OpenAPI document of the service, which is put together as always and never started. */
export async function describeApi(): Promise<unknown> {
  const config = readConfig({ DATABASE_URL: "postgres://nobody@localhost/nothing", AMQP_URL: "amqp://localhost" });
  const { app } = createService(config, { log: createLog("silent") });
  const answer = await app.request("/openapi.json");
  return await answer.json();
}
