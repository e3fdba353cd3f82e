import { type Client, createClient, type Service } from "../../client/src/client.ts";
import { apiKey, doctor } from "../api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "../private-database.ts";
import { createPrivateVhost } from "../private-vhost.ts";
import { startProducer } from "../producer-process.ts";
import { createGateway, type Gateway } from "./gateway.ts";

export type ServiceUnderTest = {
  url: string;
  database: PrivateDatabase;
  gateway: Gateway;
  /** By way of the gateway. */
  client(options?: Partial<Service>): Client;
  stop(): Promise<void>;
};

/** The running service with a doctor to book, and a gateway before it. */
export async function startService(env: Record<string, string> = {}): Promise<ServiceUnderTest> {
  const database = await createPrivateDatabase();
  const vhost = await createPrivateVhost();
  const producer = await startProducer(database.url, vhost.url, env);
  const url = `http://127.0.0.1:${producer.port}`;
  const gateway = await createGateway(url);
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  return {
    url,
    database,
    gateway,
    client: (options = {}) => createClient({ baseUrl: gateway.url, apiKey, retries: { baseDelayMs: 20 }, ...options }),
    async stop() {
      await gateway.close();
      await producer.kill("SIGTERM");
      await vhost.drop();
      await database.drop();
    },
  };
}
