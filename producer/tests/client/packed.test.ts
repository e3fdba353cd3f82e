import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiKey } from "../api-under-test.ts";
import { deno } from "./deno.ts";
import { type ServiceUnderTest, startService } from "./service-under-test.ts";

const run = promisify(execFile);
const client = fileURLToPath(new URL("../../client", import.meta.url));
let service: ServiceUnderTest;
/** An empty project in which nothing but the package is installed. */
let project: string;

/** Refuses to compile where a type is lost on the way, and books when it runs. */
const program = (day: number) => `
import { type Appointment, createClient, NoAnswerError, ProblemError } from ${JSON.stringify("appointment-client")};

const client = createClient({ baseUrl: ${JSON.stringify(service.url)}, apiKey: ${JSON.stringify(apiKey)} });

async function book(): Promise<Appointment> {
  const body = {
    patientEmail: "ada@example.org",
    doctorId: "dr-lovelace",
    appointmentDate: "2032-05-${String(day).padStart(2, "0")}T10:00:00+02:00",
  };
  const booked = await client.post("/v1/appointments", { body });
  const status: 201 = booked.status;
  const state: "booked" | "arrived" | "fulfilled" | "cancelled" | "noshow" = booked.body.status;
  console.log(status, state);
  return booked.body;
}

async function main(): Promise<void> {
  const { id } = await book();
  const again: unknown = await book().catch((error: unknown) => error);
  console.log(again instanceof ProblemError && !(again instanceof NoAnswerError) ? again.code : "no problem");
  for await (const one of client.items("/v1/appointments", { query: { doctorId: "dr-lovelace", limit: 1 } })) {
    if (one.id === id) console.log("listed");
  }
}

export const neverCalled = () => [
  // @ts-expect-error A field is missing.
  client.post("/v1/appointments", { body: { doctorId: "dr-lovelace" } }),
  // @ts-expect-error There is no such address.
  client.get("/v1/patients"),
];

void main();
`;
const printed = "201 booked\nslot-unavailable\nlisted\n";

beforeAll(async () => {
  service = await startService();
  project = await mkdtemp(join(tmpdir(), "project-"));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", project], { cwd: client });
  await writeFile(join(project, "package.json"), `{ "type": "module" }`);
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(project, stdout.trim())], { cwd: project });
}, 120_000);
afterAll(async () => {
  await service?.stop();
  await rm(project, { recursive: true, force: true });
});

test("the package brings compiled files and their types, no sources and no other package", async () => {
  const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
  expect(Object.keys(lock.packages)).toEqual(["", "node_modules/appointment-client"]);
  const { stdout } = await run("find", ["node_modules/appointment-client", "-type", "f"], { cwd: project });
  const files = stdout.trim().split("\n").map((file) => file.replace("node_modules/appointment-client/", ""));
  expect(files).toEqual(expect.arrayContaining(["README.md", "package.json", "dist/client.js", "dist/client.d.ts"]));
  expect(files.filter((file) => !/^(README\.md|package\.json|dist\/.+\.(js|d\.ts))$/.test(file))).toEqual([]);
});

test("its version is that of the API that it was made from", async () => {
  const manifest = JSON.parse(await readFile(join(client, "package.json"), "utf8"));
  const { info } = await (await fetch(`${service.url}/openapi.json`)).json() as { info: { version: string } };
  expect(manifest.version).toBe(info.version);
});

/** The TypeScript that the service is checked with, and the last one that is written in itself. */
const compilers = { "TypeScript 7": "../..", "TypeScript 5": "../../client" };
const resolutions = [["nodenext", "nodenext"], ["esnext", "bundler"]] as const;
const settings = Object.entries(compilers).flatMap(([version, folder]) =>
  resolutions.map(([module, resolution]) => [version, module, resolution, folder] as const)
);

test.each(settings)(
  "a program compiles with %s in strict mode as %s with the resolution %s, and runs",
  async (version, module, resolution, folder) => {
    const day = 1 + settings.findIndex((one) => one[0] === version && one[1] === module);
    const name = `${version.replace(" ", "-")}-${module}`;
    await mkdir(join(project, name));
    await writeFile(join(project, name, "main.ts"), program(day));
    const tsc = fileURLToPath(new URL(`${folder}/node_modules/typescript/bin/tsc`, import.meta.url));
    const compilerOptions = {
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, target: "es2022" },
      // Nothing of Node's: a browser has no such types either.
      ...{ module, moduleResolution: resolution, lib: ["es2023", "dom"], types: [] },
    };
    await writeFile(join(project, name, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    await run(process.execPath, [tsc, "-p", name], { cwd: project }).catch(({ stdout }) => expect.fail(stdout));
    const { stdout } = await run(process.execPath, [`${name}/main.js`], { cwd: project });
    expect(stdout).toBe(printed);
  },
);

// Without Deno there is nothing to try: in a copy of this folder alone, on Node.
test.skipIf(!deno)("Deno checks and runs the program as it is", async () => {
  await writeFile(join(project, "deno.ts"), program(10));
  const { stdout } = await run(deno!, ["run", "--check", "--allow-net", "--node-modules-dir=manual", "deno.ts"], {
    cwd: project,
  }).catch(({ stderr }) => expect.fail(stderr));
  expect(stdout).toBe(printed);
});
