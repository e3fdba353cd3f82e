import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../local-files.ts";
import { linesFor, places, readRunbooks, services } from "./support/runbooks.ts";

const runbooks = readRunbooks();
const withCommands = runbooks.filter(({ commands }) => commands.length > 0);
const commands = [...new Set(withCommands.flatMap((runbook) => runbook.commands))];
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");

describe("each runbook with a command", () => {
  test("there are such", () => {
    expect(withCommands.length).toBeGreaterThan(9);
    expect(commands.length).toBeGreaterThan(20);
  });

  test.each(withCommands)("$file has one line for each place, and they are the same command", (runbook) => {
    const [local, compose, kubernetes] = places.map((where) => linesFor(where, runbook));
    expect(local!.length).toBeGreaterThan(0);
    const bare = (lines: typeof local) => lines!.map(({ service, command }) => ({ service, command }));
    expect(bare(compose)).toEqual(bare(local));
    expect(bare(kubernetes)).toEqual(bare(local));
    for (const { service, command } of local!) {
      expect(command.split(" ")[0]).toBe(service);
      expect(runbook.commands).toContain(command);
    }
    // Every service of which it names a command has its line.
    expect(new Set(local!.map(({ service }) => service))).toEqual(
      new Set(runbook.commands.map((command) => command.split(" ")[0])),
    );
  });

  test("names a command by the executable alone, which each image has in its PATH, but for the lines of the table", () => {
    for (const { file, text } of runbooks) {
      for (const line of text.split("\n").filter((one) => !/^ *\| (the local system|compose|Kubernetes) /.test(one))) {
        expect(line, file).not.toMatch(/npm run (producer|consumer)|compose exec (producer|consumer)|exec deploy/);
      }
    }
    const compose = parse(read("docker-compose.yml"), { merge: true }) as {
      services: Record<string, { build: string }>;
    };
    const scripts = JSON.parse(read("package.json")).scripts as Record<string, string>;
    for (const service of services) {
      expect(compose.services[service]?.build).toBe(service);
      expect(scripts[service]).toBe(`node system/run.mjs ${service}`);
      for (const image of ["Dockerfile", "Dockerfile.deno"]) {
        expect(read(service, image)).toMatch(/^WORKDIR \/app$[^]*^COPY bin bin\nENV PATH=\/app\/bin:\$PATH$/m);
      }
    }
  });

  test("calls the deployments by the names that they have", () => {
    const folder = join(root, "deploy/kubernetes");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.ya?ml$/.test(file));
    const objects = files.flatMap((file) =>
      parseAllDocuments(read("deploy/kubernetes", file)).map((one) => one.toJS())
    );
    const names = objects.filter((one) => one?.kind === "Deployment").map((one) => one.metadata.name);
    for (const service of services) expect(names).toContain(service);
  });
});
