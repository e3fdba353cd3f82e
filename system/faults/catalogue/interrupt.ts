import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Scene } from "../scene.ts";

export type Trouble = "killed" | "frozen";

/** kill -9 at some moment of the first seconds, or a rest and on to the end. */
export async function interrupt(trouble: Trouble, child: ChildProcess, { wait, freeze, random }: Scene): Promise<void> {
  const ended = once(child, "exit");
  await wait(500, 3_000);
  if (child.exitCode === null && trouble === "killed") child.kill("SIGKILL");
  if (child.exitCode === null && trouble === "frozen") await freeze(child.pid!, 500 + random() * 3_000);
  await ended;
}

export async function finish(what: string, child: ChildProcess): Promise<void> {
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${what} ended with ${code}`);
}
