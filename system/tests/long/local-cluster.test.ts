import { execFileSync } from "node:child_process";
import process from "node:process";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { callManagement } from "../../stack/rabbitmq-management.ts";
import { createUserCheckout, user, type UserCheckout } from "../support/user-checkout.ts";

let clone: UserCheckout;
beforeAll(() => {
  clone = createUserCheckout();
}, 120_000);
afterEach(() => clone.stopAll(), 60_000);
afterAll(() => clone.remove());

async function sqlConnections(database: string): Promise<{ usename: string; ssl: boolean }[]> {
  const sql = postgres(database, { max: 1, onnotice: () => {} });
  const rows = await sql<{ usename: string; ssl: boolean }[]>`
    SELECT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE usename = current_user AND pid <> pg_backend_pid()`;
  await sql.end();
  return rows;
}

test(
  "npm start -- --cluster speaks TLS to PostgreSQL, RabbitMQ, the mail server and between the services",
  async ({ onTestFailed }) => {
    const started = clone.npmStart({ args: ["--cluster"] });
    onTestFailed(() => console.log(started.output()));
    const stack = await clone.untilReady(300_000);

    const curlLine = () => /^curl -i .*\\\n.*$/m.exec(started.output())?.[0];
    await expect.poll(curlLine).toBeDefined();
    const answer = execFileSync("sh", ["-c", curlLine()!], { encoding: "utf8", stdio: "pipe" });
    expect(answer).toMatch(/^HTTP\/\S+ 201/);
    const { id } = JSON.parse(answer.split("\r\n\r\n")[1]!);
    const mails = async () => await (await fetch(`${stack.mail}/messages`)).json();
    await expect.poll(mails, { timeout: 30_000 }).toHaveLength(2);

    for (const database of [stack.producerDatabase!, stack.consumerDatabase!]) {
      const connections = await sqlConnections(database);
      expect(connections.length).toBeGreaterThan(0);
      expect(connections.filter(({ ssl }) => !ssl)).toEqual([]);
    }
    const connections = async () =>
      await callManagement(stack.rabbitmqManagement!, "GET", "/api/connections") as { user: string; ssl: boolean }[];
    await expect.poll(async () => (await connections()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(5);
    expect((await connections()).filter(({ ssl }) => !ssl)).toEqual([]);
    await expect(fetch(`${stack.api!.replace("https:", "http:")}/healthz`)).rejects.toThrow();
    await expect(fetch(`${stack.api!}/healthz`)).rejects.toThrow();

    // What the timeline tells of the producer came over the way between the services.
    const command = ["run", "--silent", "consumer", "--", "timeline", id, "--json"];
    const options = { cwd: clone.folder, env: { PATH: process.env.PATH, HOME: clone.home }, ...user };
    const timeline = execFileSync("npm", command, { ...options, encoding: "utf8" });
    expect(JSON.parse(timeline).producer).toBe("known");
  },
  420_000,
);
