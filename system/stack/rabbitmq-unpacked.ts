import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findExecutable } from "./find-executable.ts";
import type { RabbitMqOptions } from "./rabbitmq.ts";
import type { RabbitMqInstallation } from "./rabbitmq-node.ts";
import { spaceFreePath } from "./space-free-path.ts";
import { UnusableError } from "./stack-error.ts";

const run = promisify(execFile);

/** Downloads and unpacks the distribution's packages once, without root and without installing anything. */
export async function unpackRabbitMq(options: RabbitMqOptions): Promise<RabbitMqInstallation | undefined> {
  if (!findExecutable("apt-get") || !findExecutable("dpkg-deb")) {
    return undefined;
  }
  const folder = join(options.cacheFolder, "rabbitmq");
  if (!existsSync(folder)) {
    options.report("downloading RabbitMQ and Erlang from the distribution's packages (about 60 MB, only this time)");
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    try {
      await download(spaceFreePath(partial), options.signal);
    } catch (cause) {
      throw new UnusableError(
        `RabbitMQ could not be downloaded (${reason(cause)}); ` +
          "check the network and /etc/apt/sources.list, or install the package rabbitmq-server",
        { cause },
      );
    }
    const unpacked = join(partial, "usr/lib/erlang");
    for (const bin of ["bin", ...readdirSync(unpacked).filter(isRuntime).map((name) => `${name}/bin`)]) {
      rmSync(join(unpacked, bin, "erl"), { force: true });
      copyFileSync(fileURLToPath(new URL("erlang-launcher.sh", import.meta.url)), join(unpacked, bin, "erl"));
    }
    renameSync(partial, folder);
  }
  const erlang = join(folder, "usr/lib/erlang");
  const runtime = readdirSync(erlang).find(isRuntime);
  const libraries = ["usr/lib", "lib"].map((path) => join(folder, path)).filter(existsSync);
  return {
    origin: `unpacked: ${folder}`,
    server: join(serverFolder(folder), "sbin/rabbitmq-server"),
    epmd: join(erlang, `${runtime}/bin/epmd`),
    binaries: [join(erlang, "bin")],
    libraries: libraries.flatMap((path) => [path, ...multiarchFolders(path)]),
  };
}

async function download(folder: string, signal: AbortSignal | undefined): Promise<void> {
  const state = join(folder, "apt");
  mkdirSync(join(state, "lists/partial"), { recursive: true });
  const settings = [
    `Dir::State::Lists=${state}/lists`,
    `Dir::Cache=${state}`,
    "APT::Sandbox::User=root",
    "Acquire::Retries=3",
  ].flatMap((setting) => ["-o", setting]);
  const execution = {
    cwd: folder,
    maxBuffer: 2 ** 26,
    env: { ...process.env, LC_ALL: "C" },
    signal,
  };

  await run("apt-get", [...settings, "update", "-qq"], execution);
  const all = await dependencies(["--recurse", "rabbitmq-server"]);
  const erlang = all.filter((name) => name.startsWith("erlang-"));
  const libraries = (await dependencies(erlang)).filter((name) => /^(lib|zlib)/.test(name) && name !== "libc6");
  await run("apt-get", [
    ...settings,
    "download",
    "-qq",
    "rabbitmq-server",
    "libsctp1",
    ...erlang,
    ...libraries,
  ], execution);
  for (const archive of readdirSync(folder).filter((name) => name.endsWith(".deb"))) {
    await run("dpkg-deb", ["-x", archive, "."], execution);
    rmSync(join(folder, archive));
  }
  rmSync(state, { recursive: true });

  /** The packages that apt-cache names on lines without indentation or as a dependency, virtual ones left out. */
  async function dependencies(query: string[]): Promise<string[]> {
    const unwanted = ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"];
    const { stdout } = await run(
      "apt-cache",
      [
        ...settings,
        "depends",
        ...unwanted.map((kind) => `--no-${kind}`),
        ...query,
      ],
      execution,
    );
    const names = stdout.split("\n").map((line) => line.replace(/^[ |]*(Depends:|PreDepends:)?\s*/, ""));
    return [...new Set(names.filter((name) => /^[a-z0-9]/.test(name)))];
  }
}

function isRuntime(name: string): boolean {
  return name.startsWith("erts-");
}

function serverFolder(folder: string): string {
  const versions = join(folder, "usr/lib/rabbitmq/lib");
  return join(versions, readdirSync(versions).find((name) => name.startsWith("rabbitmq_server-"))!);
}

function multiarchFolders(path: string): string[] {
  return readdirSync(path).filter((name) => name.includes("-linux-gnu")).map((name) => join(path, name));
}

function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr || message).trim().split("\n").at(-1)!;
}
