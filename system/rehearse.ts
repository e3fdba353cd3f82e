import process from "node:process";
import { parseArgs } from "node:util";
import { readLocalSystem } from "./local-system.ts";
import { rehearsals } from "./rehearsals/catalogue.ts";
import type { Held, Rehearsal } from "./rehearsals/rehearsal.ts";
import {
  beginRehearsal,
  currentRehearsal,
  endRehearsal,
  holderFile,
  requireNoRehearsal,
} from "./rehearsals/rehearsal-file.ts";
import { createScene, type Scene } from "./rehearsals/scene.ts";
import { runSession, type Session } from "./session.ts";
import { claimPidFile, livingHolder, removePidFile } from "./stack/pid-file.ts";
import { StackError } from "./stack/stack-error.ts";
import { waitFor } from "./stack/wait-for.ts";

/** Brings an incident about on the system that `npm start` runs in this checkout, or ends it. */
await runSession(async (session) => {
  const { values, positionals: [name, ...more] } = parseArgs({
    allowPositionals: true,
    options: { list: { type: "boolean", default: false }, undo: { type: "boolean", default: false } },
  });
  if (values.list) {
    for (const one of rehearsals) console.log(`${one.name.padEnd(20)} ${one.title}${whyNot(one)}`);
    return 0;
  }
  const rehearsal = rehearsals.find((one) => one.name === name);
  if (!rehearsal || more.length > 0) {
    throw new StackError(`which incident? npm run rehearse -- ${rehearsals.map((one) => one.name).join("|")}`);
  }
  const system = readLocalSystem();
  if (system.given.length > 0) {
    throw new StackError(`npm start was given ${system.given.join(" and ")}: only what is its own is rehearsed on`);
  }
  const scene = createScene(system);
  return values.undo ? await undo(rehearsal, scene, session) : await cause(rehearsal, scene, session);
});

function whyNot({ notHere }: Rehearsal): string {
  const reason = notHere?.();
  return reason === undefined ? "" : ` (not here: ${reason})`;
}

async function cause(rehearsal: Rehearsal, scene: Scene, session: Session): Promise<number> {
  const { name, title, notice } = rehearsal;
  const reason = rehearsal.notHere?.();
  if (reason !== undefined) throw new StackError(`${name} can't be rehearsed here: ${reason}`);
  requireNoRehearsal("end it");
  beginRehearsal(name);
  let held: Held | void;
  try {
    held = await rehearsal.cause(scene);
  } catch (error) {
    await rehearsal.undo(scene).catch((cause) => session.report(`taking it back failed: ${String(cause)}`));
    endRehearsal();
    throw error;
  }
  console.log(
    `${name}: ${title}. What a person notices: ${notice}. To end it: ${
      held ? "Ctrl-C here, or " : ""
    }npm run rehearse -- ${name} --undo`,
  );
  if (held) await hold(rehearsal, scene, held, session.signal);
  return 0;
}

/** Until it is mended, or this process is told to end. */
async function hold(rehearsal: Rehearsal, scene: Scene, held: Held, signal: AbortSignal): Promise<void> {
  claimPidFile(holderFile, process.pid);
  try {
    const aborted = new Promise<false>((resolve) => signal.addEventListener("abort", () => resolve(false)));
    if (await Promise.race([held.mended.then(() => true), aborted])) console.log(`${rehearsal.name}: it is mended`);
    await held.release();
    await rehearsal.undo(scene);
    endRehearsal();
  } finally {
    removePidFile(holderFile);
  }
}

async function undo(rehearsal: Rehearsal, scene: Scene, { signal }: Session): Promise<number> {
  const { name } = rehearsal;
  const current = currentRehearsal();
  if (current !== undefined && current !== name) requireNoRehearsal("end it");
  const holder = livingHolder(holderFile);
  if (holder !== undefined) {
    process.kill(holder, "SIGTERM");
    const options = { timeoutMs: 60_000, remedy: `look at the terminal of process ${holder}`, signal };
    await waitFor(`process ${holder} to end`, () => livingHolder(holderFile) === undefined, options);
  }
  if (currentRehearsal() === undefined) {
    console.log(`${name}: ${holder === undefined ? "it is not on" : "it has ended"}`);
    return 0;
  }
  await rehearsal.undo(scene);
  endRehearsal();
  console.log(`${name}: it has ended`);
  return 0;
}
