/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Hono } from "hono";
import type { Sql } from "postgres";
import { answerInTime } from "../../postgres/answer-in-time.ts";
import type { Status } from "../../status/status.ts";
import { readSamples } from "../../status/status-store.ts";
import type { OpsEnv } from "../access/guard.ts";
import { sendLive } from "./live.ts";
import { NowPage, NowView } from "./now-page.tsx";

export interface NowDependencies {
  sql: Sql;
  status(): Promise<Status>;
  now: () => Date;
  stop: AbortSignal;
}

const answerTimeoutMs = 2_000;
/** However many look, servers are asked this often. */
const freshMs = 1_000;

/** The first page: whether anything is wrong. It is there while everything else is away. */
export function createNowRoutes({ sql, status, now, stop }: NowDependencies): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  let last: { at: number; answer: ReturnType<typeof read> } | undefined;

  async function read() {
    const samples = answerInTime(answerTimeoutMs, readSamples(sql, new Date(now().getTime() - 3_600_000)));
    return { status: await status(), samples: await samples.catch(() => []) };
  }
  function readOnce() {
    const at = performance.now();
    if (!last || at - last.at > freshMs) last = { at, answer: read() };
    return last.answer;
  }

  app.get("/", async (context) => {
    const { caller, csrf } = context.var;
    return context.html(<NowPage viewer={{ caller, csrf }} {...await readOnce()} />);
  });
  app.get("/live", (context) => sendLive(context, async () => String(<NowView {...await readOnce()} />), stop));
  app.get("/status.json", async (context) => context.json((await readOnce()).status));
  return app;
}
