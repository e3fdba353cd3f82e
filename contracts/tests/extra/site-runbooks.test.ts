import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";

const root = new URL("../../..", import.meta.url).pathname;
const folder = join(root, "docs/operate");
const runbooks = readdirSync(folder).filter((file) => file.endsWith(".md"))
  .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
const textOf = (name: string) => runbooks.find(({ file }) => file === name)!.text;

function run(service: string, script: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const tsx = join(root, service, "node_modules/tsx/dist/cli.mjs");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsx, script, ...args], { cwd: join(root, service) }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

/** Every reason that the consumer's code gives a dead letter. */
function reasonsInCode(): string[] {
  const source = join(root, "consumer/src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const found = files.flatMap((file) => {
    const text = readFileSync(join(source, file), "utf8");
    const given = [...text.matchAll(/(?:new PermanentError|deadLetter)\(\s*"([^"]+)"/g)].map(([, reason]) => reason!);
    const unreadable = /new PermanentError\(\s*[^"\s]/.exec(text)?.[0];
    if (unreadable) throw new Error(`${file} gives a dead letter a reason that is not written there: ${unreadable}`);
    return given;
  });
  return [...new Set(found)];
}

describe("the runbook for dead letters", () => {
  test("has a row for every reason that the consumer gives, and for no other but the broker's", () => {
    const rows = textOf("dead-letters.md").split("\n").filter((line) => /^ +\| `/.test(line));
    const listed = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, reason]) => reason!));
    expect(reasonsInCode().length).toBeGreaterThan(10);
    // What a message has that the job did not send there: of RabbitMQ's at-least-once dead-lettering, or nothing.
    expect([...new Set(listed)].toSorted()).toEqual([...reasonsInCode(), "delivery_limit", "unknown"].toSorted());
  });
});

describe("every command in a runbook", () => {
  const lines = runbooks.flatMap(({ file, text }) =>
    [...text.matchAll(/npm run (producer|consumer) -- ([^`\n]+)/g)].map(([, service, words]) => ({
      file,
      service: service!,
      words: words!.trim().split(/\s+/),
    }))
  );

  test("is one that the service knows, with what it is given", async () => {
    expect(lines.length).toBeGreaterThan(8);
    const commands = [...new Set(lines.map(({ service, words }) => `${service} ${words[0]}`))];
    const helps = new Map(
      await Promise.all(commands.map(async (command) => {
        const [service = "", name = ""] = command.split(" ");
        return [command, await run(service, "src/cli.ts", name, "--help")] as const;
      })),
    );
    for (const { file, service, words } of lines) {
      const [name = "", ...rest] = words;
      const { code, output } = helps.get(`${service} ${name}`)!;
      expect(code, `${file}: ${service} ${name}\n${output}`).toBe(0);
      // What else there is stands for what the operator puts there: ID, a time, a reason.
      for (const word of rest.filter((one) => /^(--)?[a-z-]*[a-z]$/.test(one) && !one.includes("exhausted"))) {
        expect(output, `${file}: ${service} ${words.join(" ")}`).toMatch(
          new RegExp(`(^|[^a-z-])${word}([^a-z-]|$)`, "m"),
        );
      }
    }
  });

  test("has a line for the local system, for compose and for Kubernetes", () => {
    const image = readFileSync(join(root, "consumer/Dockerfile"), "utf8");
    expect(image).toContain("COPY bin bin\nENV PATH=/app/bin:$PATH");
    expect(readFileSync(join(root, "docker-compose.yml"), "utf8")).toMatch(/^ {2}consumer:$/m);
    const withCommands = runbooks.filter(({ text }) => /`consumer [a-z]|npm run consumer/.test(text));
    expect(withCommands.length).toBeGreaterThan(5);
    for (const { file, text } of withCommands) {
      const command = /`npm run consumer -- ([^`]+)`/.exec(text)?.[1];
      expect(command, file).toBeDefined();
      expect(text, file).toContain(`\`docker compose exec consumer consumer ${command}\``);
      expect(text, file).toContain(`\`kubectl exec deploy/consumer -- consumer ${command}\``);
    }
  });

  test("that starts a job alone does so", async () => {
    const text = textOf("full-queues.md");
    expect(text).toContain("npm start -- --only notifications");
    const { code, output } = await run("consumer", "src/main.ts", "--only", "nope");
    expect(code, output).toBe(1);
    expect(output).toMatch(/JOBS.*notifications/s); // it is understood, and names the jobs that there are
  });
});

test("the runbook for keys says which variables the broker's users are made of again", () => {
  const start = readFileSync(join(root, "deploy/rabbitmq/render-definitions.sh"), "utf8");
  const variables = [...start.matchAll(/\$\{(RABBITMQ_\w+_PASSWORD):\?\}/g)].map(([, name]) => name!);
  expect(variables).toHaveLength(3);
  for (const name of variables) expect(textOf("key-rotation.md")).toContain(`\`${name}\``);
});
