import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root as checkout } from "../../local-files.ts";
import { copyServices } from "../../simulation/weakenings.ts";
import type { Fault } from "../fault.ts";
import { finish, interrupt, type Trouble } from "./interrupt.ts";

const jobs = ["notifications", "availability", "audit", "calendar", "analytics"];

const replay = (trouble: Trouble): Fault => ({
  name: `replay-${trouble}`,
  async inject(scene) {
    const job = jobs[Math.floor(scene.random() * jobs.length)]!;
    const range = ["--from", "2000-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"];
    const child = scene.clinic.spawn("consumer", ["src/cli.ts", "replay", "--job", job, ...range]);
    await interrupt(trouble, child, scene);
  },
});

const queues = ["apt.audit.queue", "apt.notifications.queue", "apt.calendar.queue", "apt.created.queue"];

/** To another length, and after the interruption there and back. */
const recreate = (trouble: Trouble): Fault => ({
  name: `recreate-${trouble}`,
  times: 1,
  async inject(scene) {
    const queue = queues[Math.floor(scene.random() * queues.length)]!;
    const run = (length: string) =>
      scene.clinic.spawn("consumer", ["src/cli.ts", "queues", "recreate", queue], {
        env: { QUEUE_MAX_LENGTH: length },
      });
    await interrupt(trouble, run("9000"), scene);
    await finish("queues recreate", run("9000"));
    await finish("queues recreate back", run("10000"));
  },
});

/** A release with one more migration, which takes two seconds, comes while the one before it serves. */
const migration = (trouble: Trouble): Fault => ({
  name: `migration-${trouble}`,
  times: 1,
  async inject(scene) {
    const copy = copyServices(scene.root ?? checkout, "migration");
    scene.releases.add("the copy", copy.remove);
    const name = scene.random() < 0.5 ? "producer" : "consumer";
    const table = name === "producer" ? "outbox" : "inbox";
    writeFileSync(
      join(copy.root, name, "migrations/900_fault.sql"),
      `ALTER TABLE ${table} ADD COLUMN fault integer;\nSELECT pg_sleep(2);\nUPDATE ${table} SET fault = 1;\n`,
    );
    const env = { PORT: "0", OPS_PORT: "0" };
    const child = scene.clinic.spawn(name, ["src/main.ts"], { root: copy.root, env });
    if (trouble === "frozen") setTimeout(() => child.kill("SIGKILL"), 9_000).unref();
    await interrupt(trouble, child, scene);
    await scene.kill(name);
    await scene.start(name, {}, copy.root);
  },
});

/** What an operator or a deployment has begun. */
export const commands: Fault[] = (["killed", "frozen"] as const).flatMap((trouble) => [
  replay(trouble),
  recreate(trouble),
  migration(trouble),
]);
