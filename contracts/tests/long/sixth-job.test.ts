import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { git } from "../../src/deploy/git.ts";
import type { Json } from "../../src/json.ts";
import { applyEdit, replace, set } from "../../src/mutate/edit.ts";
import { copyProject } from "../../src/mutate/project-copy.ts";
import { withServers } from "../../src/servers.ts";
import { startConsumer } from "../../clinic/consumer-process.ts";
import { createPrivateServers } from "../../src/wire/private-servers.ts";

const root = new URL("../../..", import.meta.url).pathname;
const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
const tsx = new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url).pathname;
const C = "consumer/asyncapi.yaml";
const folder = "consumer/src/jobs/cancellations";

/** What a program prints; throws with all of it when it fails. */
function run(program: string, args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  return new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${args.join(" ")}: ${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

// The job of CONTRIBUTING.md, "A new job in the consumer", by its steps.

/** Step 1: a channel and an operation like those of analytics. */
function describeJob(copy: string): void {
  const { channels: { analyticsQueue: like } } = parse(readFileSync(join(copy, C), "utf8"));
  const { "x-rabbitmq": settings } = like;
  const renamed = JSON.parse(
    JSON.stringify({ ...like, title: "Queue of the job cancellations" }).replaceAll(
      "apt.created.",
      "apt.cancellations.",
    ),
  );
  const message = "appointmentCancelled";
  applyEdit(
    copy,
    set(C, "/channels/cancellationsQueue", {
      ...renamed,
      messages: { [message]: { $ref: `../asyncapi.yaml#/components/messages/${message}` } },
      "x-rabbitmq": {
        ...renamed["x-rabbitmq"],
        stem: "cancellations",
        bindings: [{ ...settings.bindings[0], routingKey: "appointment.cancelled" }],
      },
    } as Json),
  );
  applyEdit(
    copy,
    set(C, "/operations/cancellations", {
      action: "receive",
      title: "Job cancellations",
      summary: "Counts who cancels.",
      channel: { $ref: "#/channels/cancellationsQueue" },
      messages: [{ $ref: `#/channels/cancellationsQueue/messages/${message}` }],
      bindings: { amqp: { ack: true, bindingVersion: "0.3.0" } },
      "x-reads": { [message]: ["eventId", "aggregateVersion", "correlationId", "payload.cancelledBy"] },
    }),
  );
}

/** Steps 3 to 5: the table, and one folder. */
const files: Record<string, string> = {
  "consumer/migrations/900_cancellations.sql": `
create table cancellations (appointment_id uuid primary key, cancelled_by text, cancelled_at timestamptz not null);
`,
  [`${folder}/cancellations-store.ts`]: `
import type { TransactionSql } from "postgres";
import type { CancellationsEvent } from "../../generated/jobs.ts";
import type { JobStore } from "../job.ts";

export interface Cancellation {
  cancelledBy: string | undefined;
  cancelledAt: Date;
}

/** What is known is whether the cancellation is. */
export function createCancellationsStore(
  sql: TransactionSql,
): JobStore<CancellationsEvent, boolean, Cancellation> {
  const known = new Set<string>();
  const added = new Map<string, Cancellation>();
  return {
    async load(told) {
      const rows = await sql<{ id: string }[]>\`
        select appointment_id as id from cancellations
        where appointment_id = any(\${told.map(({ event }) => event.aggregateId)}::uuid[])\`;
      for (const { id } of rows) known.add(id);
    },
    known: ({ aggregateId }) => known.has(aggregateId) || added.has(aggregateId),
    keep: ({ aggregateId }, cancellation) => void added.set(aggregateId, cancellation),
    async save() {
      const all = [...added.values()];
      await sql\`
        insert into cancellations
        select * from unnest(
          \${[...added.keys()]}::uuid[], \${all.map(({ cancelledBy = null }) => cancelledBy)}::text[],
          \${all.map(({ cancelledAt }) => cancelledAt.toISOString())}::text[]::timestamptz[]
        )\`;
    },
  };
}
`,
  [`${folder}/cancellations.ts`]: `
import type { CancellationsEvent } from "../../generated/jobs.ts";
import type { Job } from "../job.ts";
import { type Cancellation, createCancellationsStore } from "./cancellations-store.ts";

export function createCancellationsJob(): Job<CancellationsEvent, boolean, Cancellation> {
  return {
    name: "cancellations",
    createStore: createCancellationsStore,
    decide({ timestamp, payload }, isKnown) {
      if (isKnown) return { outcome: { kind: "ignored", reason: "known already" } };
      const change = { cancelledBy: payload.cancelledBy, cancelledAt: new Date(timestamp) };
      return { outcome: { kind: "applied" }, change };
    },
  };
}
`,
  [`${folder}/module.ts`]: `
import type { JobModule } from "../module.ts";
import { createCancellationsJob } from "./cancellations.ts";

export const cancellations: JobModule = {
  name: "cancellations",
  job: createCancellationsJob,
  command: {
    name: "cancellations",
    summary: "count who cancels",
    usage: "Usage: consumer cancellations",
    async run(_, { openDatabase, print }) {
      const rows = await openDatabase()\`select cancelled_by, count(*) as n from cancellations group by 1 order by 1\`;
      for (const row of rows) print(\`\${row.cancelled_by} \${row.n}\`);
      return 0;
    },
  },
  prune: [(sql, before) => sql\`delete from cancellations where cancelled_at < \${before}\`],
  rebuild: async (sql, since) => void await sql\`delete from cancellations where cancelled_at >= \${since}\`,
};
`,
};

test("a sixth job is a folder and a line beside the contract, and takes its event", async () => {
  const copy = copyProject(root);
  onTestFinished(copy.remove);
  describeJob(copy.root);
  for (const command of ["validate", "generate", "definitions"]) await run(tsx, [cli, command, "--root", copy.root]);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy.root, file)), { recursive: true });
    writeFileSync(join(copy.root, file), text.trimStart());
  }
  const modules = "consumer/src/jobs/modules.ts";
  applyEdit(copy.root, replace(modules, "  analytics,\n", "  analytics,\n  cancellations,\n"));
  applyEdit(
    copy.root,
    replace(
      modules,
      "import type { JobModule }",
      'import { cancellations } from "./cancellations/module.ts";\nimport type { JobModule }',
    ),
  );

  const touched = git(copy.root, ["status", "--porcelain", "--untracked-files=all"]).split("\n").map((line) =>
    line.slice(3)
  );
  const contract = /asyncapi\.yaml$|\/generated\/|^deploy\/rabbitmq\/definitions\.json$|^consumer\/migrations\//;
  const written = touched.map((path) => path.replace(/^"|"$/g, "")).filter((path) => path && !contract.test(path));
  expect(written.filter((path) => !path.startsWith(`${folder}/`))).toEqual([modules]);
  expect(git(copy.root, ["diff", "--numstat", "--", modules])).toMatch(/^2\t0\t/);
  const typescript = join(copy.root, "consumer/node_modules/typescript/bin/tsc");
  await run(typescript, ["-p", "."], { cwd: join(copy.root, "consumer") });

  await withServers(root, async (servers) => {
    const own = await createPrivateServers(servers, "sixth");
    try {
      const consumer = await startConsumer(copy.root, own);
      const sql = postgres(own.databaseUrl, { max: 1, onnotice: () => {} });
      try {
        const [eventId, appointmentId] = [randomUUID(), randomUUID()];
        const event = {
          eventName: "appointment.cancelled",
          aggregateId: appointmentId,
          timestamp: new Date().toISOString(),
          version: 1,
          eventId,
          aggregateVersion: 2,
          payload: {
            doctorId: "dr-lovelace",
            appointmentDate: "2030-03-02T10:00:00+01:00",
            durationMinutes: 30,
            cancelledBy: "patient",
          },
        };
        await consumer.publish({
          exchange: "appointments.ex",
          routingKey: event.eventName,
          body: Buffer.from(JSON.stringify(event)),
          properties: { messageId: eventId, contentType: "application/json" },
        });
        const outcomes = () => sql`select outcome from inbox where job = 'cancellations' and event_key = ${eventId}`;
        await expect.poll(outcomes, { timeout: 60_000 }).toEqual([{ outcome: "applied" }]);
        expect(await sql`select appointment_id, cancelled_by from cancellations`).toEqual([
          { appointment_id: appointmentId, cancelled_by: "patient" },
        ]);
        const command = (...args: string[]) =>
          run(tsx, ["src/cli.ts", ...args], {
            cwd: join(copy.root, "consumer"),
            env: { ...process.env as Record<string, string>, DATABASE_URL: own.databaseUrl, AMQP_URL: own.amqpUrl },
          });
        expect(await command("cancellations")).toBe("patient 1\n");
        expect(await command("replay", "--help")).toContain("(availability, analytics, cancellations)");
      } finally {
        await sql.end();
        await consumer.stop();
      }
    } finally {
      await own.drop();
    }
  });
}, 600_000);
