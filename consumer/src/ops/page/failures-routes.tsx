/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { type Context, Hono } from "hono";
import type { Sql } from "postgres";
import * as v from "valibot";
import { readFailureGroups } from "../../failures/failure-groups.ts";
import { type GroupChoice, readGroup } from "../../failures/group-members.ts";
import { readTasks } from "../../failures/task-store.ts";
import type { Tasks } from "../../failures/tasks.ts";
import { type OpsEnv, requireAct } from "../access/guard.ts";
import { FailuresPage, FailuresView, GroupPage } from "./failures-page.tsx";
import { sendLive } from "./live.ts";

export interface FailuresDependencies {
  sql: Sql;
  tasks: Tasks;
  now: () => Date;
  stop: AbortSignal;
}

const choiceSchema = v.object({
  kind: v.picklist(["dead-letters", "sends"]),
  job: v.string(),
  reason: v.string(),
  cause: v.optional(v.string()),
});

const orderSchema = v.object({
  ...choiceSchema.entries,
  action: v.picklist(["replay", "discard", "resend", "settle-sent", "settle-not-sent"]),
  why: v.pipe(v.string(), v.trim(), v.nonEmpty("Say why."), v.maxLength(500, "Say why in at most 500 characters.")),
  rate: v.pipe(v.string(), v.regex(/^([1-9]\d{0,2}|1000)$/, "From 1 to 1000 a second."), v.transform(Number)),
});

/** What each kind can bear: a send that may have arrived is never sent again for a whole group. */
const allowed = {
  "dead-letters": ["replay", "discard"],
  failed: ["resend", "settle-not-sent"],
  unknown: ["settle-sent", "settle-not-sent"],
} as const;

/** Failures in groups, and what is to become of a group. */
export function createFailuresRoutes({ sql, tasks, now, stop }: FailuresDependencies): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  const read = async () => {
    const [groups, underWay] = await Promise.all([readFailureGroups(sql), readTasks(sql, now())]);
    return { groups, tasks: underWay };
  };
  const viewerOf = ({ var: { caller, csrf } }: Context<OpsEnv>) => ({ caller, csrf });

  async function groupPage(context: Context<OpsEnv>, choice: GroupChoice, problem?: string) {
    context.set("resource", `${choice.kind} ${choice.job} ${choice.reason}`);
    const { count, examples } = await readGroup(sql, choice);
    const page = (
      <GroupPage
        viewer={viewerOf(context)}
        group={choice}
        cause={choice.cause}
        count={count}
        examples={examples}
        problem={problem}
      />
    );
    return context.html(page, problem === undefined ? 200 : 400);
  }

  app.get("/failures", async (context) => context.html(<FailuresPage viewer={viewerOf(context)} {...await read()} />));
  app.get("/failures.json", async (context) => context.json(await read()));
  app.get(
    "/failures/live",
    (context) => sendLive(context, async () => String(<FailuresView {...await read()} />), stop),
  );

  app.get("/failures/group", async (context) => {
    const choice = v.safeParse(choiceSchema, context.req.query());
    if (!choice.success) return context.redirect("/ops/failures", 303);
    return await groupPage(context, choice.output);
  });

  app.post("/failures/group", requireAct(), async (context) => {
    const form = await context.req.parseBody();
    const order = v.safeParse(orderSchema, form);
    if (!order.success) {
      const choice = v.safeParse(choiceSchema, form);
      if (!choice.success) return context.redirect("/ops/failures", 303);
      return await groupPage(context, choice.output, order.issues[0].message);
    }
    const { kind, action, why, rate, ...filter } = order.output;
    const possible: readonly string[] = allowed[kind === "sends" ? filter.reason as "failed" | "unknown" : kind] ?? [];
    if (!possible.includes(action)) {
      return await groupPage(context, { kind, ...filter }, `This can't be done to them: ${action}.`);
    }
    context.set("resource", `${kind} ${filter.job} ${filter.reason}`);
    await tasks.start({ kind, action, filter, why, actor: `operator:${context.var.caller.name}` }, rate);
    return context.redirect("/ops/failures", 303);
  });

  return app;
}
