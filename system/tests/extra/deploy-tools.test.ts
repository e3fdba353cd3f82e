import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { root } from "../../local-files.ts";
import { freePort } from "../../stack/free-port.ts";
import { startPostgres } from "../../stack/postgres.ts";

const folder = mkdtempSync(join(tmpdir(), "deploy-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(cwd: string, env: Record<string, string>, ...[command, ...args]: string[]) {
  const { status, stdout, stderr, error } = spawnSync(command!, args, {
    cwd: join(root, cwd),
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  if (error) throw new Error(`${command} can't be started (.ci/run installs it)`, { cause: error });
  return { status, stdout, output: stdout + stderr };
}

/** The plugin where it exists, else the program that Debian has. */
function compose(env: Record<string, string>, ...args: string[]) {
  const plugin = spawnSync("docker", ["compose", "version"]).status === 0;
  return run(".", env, ...(plugin ? ["docker", "compose"] : ["docker-compose"]), ...args);
}

test.each(["", "deno", "ha", "ha deno", "keys", "ha deno keys"])(
  "compose reads docker-compose.yml with what %j adds",
  (additions) => {
    const added = additions.split(" ").filter(Boolean).map((name) => `docker-compose.${name}.yml`);
    const files = ["docker-compose.yml", ...added].flatMap((file) => ["-f", file]);
    const { status, output } = compose({}, ...files, "--env-file", "deploy/local.env", "config");
    expect(status, output).toBe(0);
    expect(output).toMatch(/DATABASE_URL: postgres:\/\/producer:local@postgres:5432\/producer/);
  },
);

test("compose refuses to start without the secrets", () => {
  const { status, output } = compose({}, "--env-file", ".env.example", "config");
  expect(status).not.toBe(0);
  expect(output).toContain("set POSTGRES_PASSWORD, see .env.example");
});

test("promtool accepts the configuration and the alerts, and the alerts' own tests pass", () => {
  for (const args of [["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]]) {
    const { status, output } = run("deploy/prometheus", {}, "promtool", ...args);
    expect(status, output).toBe(0);
  }
});

test.each<[string, Record<string, string>, RegExp]>([
  [
    "in Mailpit",
    { ALERT_SMTP_SMARTHOST: "mailpit:1025", ALERT_SMTP_CA_FILE: "/run/secrets/tls/ca.pem" },
    /smtp_require_tls: true[^]*tls_config: \{ ca_file: '\/run\/secrets\/tls\/ca.pem' \}/,
  ],
  [
    "and, with what YAML would read otherwise, at a server and a pager",
    {
      ALERT_SMTP_SMARTHOST: "smtp.example.org:587",
      ALERT_SMTP_USERNAME: "o'hara",
      ALERT_SMTP_PASSWORD: "a: 'b' # {c} $(id)",
      ALERT_WEBHOOK_URL: "https://pager.example.org/hook?a=1&b=2",
    },
    /smtp_require_tls: true\n +smtp_auth_username: 'o''hara'\n[^]*url: 'https:\/\/pager\.example\.org\/hook\?a=1&b=2'/,
  ],
])("amtool accepts the configuration by which alerts arrive %s", (_, env, expected) => {
  const people = { ALERT_EMAIL_TO: "on-call@example.org", ALERT_EMAIL_FROM: "The Clinic <a@clinic.example>" };
  const { status, stdout, output } = run(".", { ...people, ...env }, "sh", "deploy/alertmanager/render-config.sh");
  expect(status, output).toBe(0);
  expect(stdout).toMatch(expected);
  const file = join(folder, "alertmanager.yml");
  writeFileSync(file, stdout);
  const checked = run(".", {}, "amtool", "check-config", file);
  expect(checked.status, checked.output).toBe(0);
});

test("without anybody to tell there is no configuration for alerts", () => {
  const { status, output } = run(".", {}, "sh", "deploy/alertmanager/render-config.sh");
  expect(status).not.toBe(0);
  expect(output).toContain("set ALERT_EMAIL_TO");
});

test("each broker user's password becomes a salted hash in the definitions", () => {
  const passwords = { ADMIN: "one", PRODUCER: "two&|\\", CONSUMER: "dreißig" };
  const env = Object.fromEntries(
    Object.entries(passwords).map(([name, value]) => [`RABBITMQ_${name}_PASSWORD`, value]),
  );
  const { status, stdout, output } = run(".", env, "sh", "deploy/rabbitmq/render-definitions.sh");
  expect(status, output).toBe(0);
  const { users } = JSON.parse(stdout) as { users: { name: string; password_hash: string }[] };
  for (const { name, password_hash } of users) {
    const bytes = Buffer.from(password_hash, "base64");
    const password = passwords[name.toUpperCase() as keyof typeof passwords];
    const digest = createHash("sha256").update(bytes.subarray(0, 4)).update(password).digest();
    expect(bytes.subarray(4).equals(digest), name).toBe(true);
  }
  expect(run(".", { ...env, RABBITMQ_CONSUMER_PASSWORD: "" }, "sh", "deploy/rabbitmq/render-definitions.sh").status).not
    .toBe(0);
});

test("the database scripts give each service a database that the other can't enter, and a standby its role, twice if need be", async () => {
  const port = await freePort();
  const server = await startPostgres({ folder, port, password: "admin", durable: false });
  try {
    const env = {
      PGHOST: "127.0.0.1",
      PGPORT: String(port),
      PGPASSWORD: "admin",
      PRODUCER_DATABASE_PASSWORD: "it's",
      CONSUMER_DATABASE_PASSWORD: "secret",
    };
    const { status, output } = run(".", env, "sh", "deploy/postgres/init/10-databases.sh");
    expect(status, output).toBe(0);
    const as = async (user: string, password: string, database: string) => {
      const sql = postgres({ host: "127.0.0.1", port, user, password, database, max: 1, onnotice: () => {} });
      return await sql`CREATE EXTENSION IF NOT EXISTS btree_gist`.finally(() => sql.end());
    };
    await as("producer", "it's", "producer");
    await as("consumer", "secret", "consumer");
    await expect(as("producer", "it's", "consumer")).rejects.toThrow("permission denied for database");
    await expect(as("consumer", "secret", "producer")).rejects.toThrow("permission denied for database");
    await expect(as("consumer", "wrong", "consumer")).rejects.toThrow("password authentication failed");

    const replication = { ...env, PGDATA: join(folder, "data"), POSTGRES_REPLICATION_PASSWORD: "first" };
    for (const password of ["first", "second"]) {
      const again = { ...replication, POSTGRES_REPLICATION_PASSWORD: password };
      const { status, output } = run(".", again, "sh", "deploy/postgres/init/20-replication.sh");
      expect(status, output).toBe(0);
    }
    const hba = readFileSync(join(folder, "data/pg_hba.conf"), "utf8");
    expect(hba.match(/^host replication standby all scram-sha-256$/mg)).toHaveLength(1);
    await as("standby", "second", "postgres").catch(({ message }) => expect(message).toMatch(/permission denied/));
  } finally {
    await server.stop();
  }
});
