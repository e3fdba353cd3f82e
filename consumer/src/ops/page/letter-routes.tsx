/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { type Context, Hono } from "hono";
import type { Sql } from "postgres";
import type { Publisher } from "../../broker/publisher.ts";
import type { Topology } from "../../broker/topology.ts";
import { type DeadLetter, findDeadLetter } from "../../delivery/dead-letters/dead-letter-store.ts";
import { discardDeadLetter, replayDeadLetter } from "../../delivery/dead-letters/replay-dead-letter.ts";
import { checkEdit } from "../../failures/check-edit.ts";
import { isPersonal } from "../../failures/contract-schema.ts";
import { diffLines, prettyLines } from "../../failures/line-diff.ts";
import { may, type OpsEnv, requireAct } from "../access/guard.ts";
import { EditPage, LetterPage } from "./letter-page.tsx";

export interface LetterDependencies {
  sql: Sql;
  publisher: Publisher;
  topology: Topology;
  now: () => Date;
}

const maxShownBytes = 200_000;

/** One dead letter: looked at, put back, edited and put back, or given up. */
export function createLetterRoutes({ sql, publisher, topology, now }: LetterDependencies): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  const viewerOf = ({ var: { caller, csrf } }: Context<OpsEnv>) => ({ caller, csrf });

  async function letterOf(context: Context<OpsEnv>): Promise<DeadLetter | undefined> {
    const id = context.req.param("id") ?? "";
    context.set("resource", `dead letter ${id}`);
    return /^[1-9]\d{0,17}$/.test(id) ? await findDeadLetter(sql, id) : undefined;
  }

  /** What the viewer may see of a body; undefined where that is nothing. */
  function visibleBody(context: Context<OpsEnv>, { body }: DeadLetter): string | undefined {
    if (body.length > maxShownBytes) return undefined;
    const text = new TextDecoder().decode(body);
    return may(context, "ops:personal") || !isPersonal(parse(text)) ? prettyLines(text).join("\n") : undefined;
  }

  const missing = (context: Context<OpsEnv>) => context.text("There is no such dead letter.\n", 404);

  app.get("/dead-letters/:id", async (context) => {
    const letter = await letterOf(context);
    if (!letter) return missing(context);
    return context.html(<LetterPage viewer={viewerOf(context)} letter={letter} body={visibleBody(context, letter)} />);
  });

  app.post("/dead-letters/:id/edit", requireAct(), async (context) => {
    const letter = await letterOf(context);
    if (!letter) return missing(context);
    const text = String((await context.req.parseBody())["body"] ?? "");
    const problems = await refusal(context, letter, text);
    const viewer = viewerOf(context);
    if (problems) {
      return context.html(
        <LetterPage viewer={viewer} letter={letter} body={visibleBody(context, letter) && text} problems={problems} />,
        422,
      );
    }
    const diff = diffLines(prettyLines(new TextDecoder().decode(letter.body)), prettyLines(text));
    return context.html(<EditPage viewer={viewer} letter={letter} body={text} diff={diff} />);
  });

  /** Why an edit is not taken; of personal data nobody writes who may not read it. */
  async function refusal(
    context: Context<OpsEnv>,
    letter: DeadLetter,
    text: string,
  ): Promise<readonly string[] | undefined> {
    const hidden = visibleBody(context, letter) === undefined ||
      isPersonal(parse(text)) && !may(context, "ops:personal");
    if (hidden) return ["It tells of a patient, or may: that needs the scope ops:personal"];
    return (await checkEdit(letter, text)).problems;
  }

  app.post("/dead-letters/:id", requireAct(), async (context) => {
    const letter = await letterOf(context);
    if (!letter) return missing(context);
    const form = await context.req.parseBody();
    const why = String(form["why"] ?? "").trim().slice(0, 500);
    const viewer = viewerOf(context);
    const refuse = (problems: readonly string[]) =>
      context.html(
        <LetterPage viewer={viewer} letter={letter} body={visibleBody(context, letter)} problems={problems} />,
        422,
      );
    if (why === "") return refuse(["Say why"]);
    const dependencies = { sql, publisher, topology, now, actor: `operator:${viewer.caller.name}` };
    if (form["action"] === "discard") await discardDeadLetter(dependencies, letter.id, why);
    else if (typeof form["body"] === "string") {
      const problems = await refusal(context, letter, form["body"]);
      if (problems) return refuse(problems);
      const edit = await checkEdit(letter, form["body"]);
      if (edit.problems) return refuse(edit.problems);
      await replayDeadLetter(dependencies, letter.id, { why, edit });
    } else await replayDeadLetter(dependencies, letter.id, { why });
    return context.redirect(`/ops/dead-letters/${letter.id}`, 303);
  });

  return app;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
