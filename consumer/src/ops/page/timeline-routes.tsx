/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { type Context, Hono } from "hono";
import { findByEmail, findSubjects } from "../../timeline/find-subjects.ts";
import { readTimeline, type TimelineSources } from "../../timeline/read-timeline.ts";
import { may, type OpsEnv } from "../access/guard.ts";
import { sendLive } from "./live.ts";
import { SearchPage, TimelinePage, timelinePath, TimelineView } from "./timeline-page.tsx";

/** Search and timeline, as a page, live and as JSON. */
export function createTimelineRoutes({ sources, stop }: { sources: TimelineSources; stop: AbortSignal }): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  const viewerOf = ({ var: { caller, csrf } }: Context<OpsEnv>) => ({ caller, csrf });
  const wantsPersonal = (context: Context<OpsEnv>) =>
    context.req.query("personal") === "yes" && may(context, "ops:personal");

  async function readOf(context: Context<OpsEnv>, id: string) {
    context.set("resource", id);
    return await readTimeline(sources, id, { personal: wantsPersonal(context) });
  }

  app.get("/timeline", (context) => context.html(<SearchPage viewer={viewerOf(context)} />));

  // By POST, so that what is asked for stands in no address, no history and no log.
  app.post("/timeline", async (context) => {
    const asked = String((await context.req.parseBody())["key"] ?? "").trim();
    const viewer = viewerOf(context);
    const isEmail = asked.includes("@");
    if (isEmail && !may(context, "ops:personal")) {
      const problem = "To search by an e-mail address a key needs the scope ops:personal.";
      return context.html(<SearchPage viewer={viewer} problem={problem} />, 403);
    }
    const found = isEmail
      ? await findByEmail(sources.sql, asked)
      : await findSubjects(sources.sql, asked, sources.producer);
    if (isEmail) context.set("resource", found.join(" ") || "an address that nobody has");
    if (found.length === 1) return context.redirect(timelinePath(found[0]!), 303);
    const problem = found.length > 0
      ? undefined
      : isEmail
      ? "Nobody has an appointment under this address."
      : `Nobody knows of ${asked}.`;
    const page = <SearchPage viewer={viewer} asked={asked} found={found} problem={problem} />;
    return context.html(page, found.length > 0 ? 200 : 404);
  });

  app.get("/timeline/:id{.+\\.json}", async (context) => {
    const timeline = await readOf(context, context.req.param("id").slice(0, -".json".length));
    return timeline ? context.json(timeline) : context.json({ title: "Nobody knows of it" }, 404);
  });

  app.get("/timeline/:id/live", async (context) => {
    const id = context.req.param("id");
    context.set("resource", id);
    return await sendLive(context, async () => {
      const timeline = await readOf(context, id);
      return timeline ? String(<TimelineView timeline={timeline} />) : "";
    }, stop);
  });

  app.get("/timeline/:id", async (context) => {
    const id = context.req.param("id");
    const timeline = await readOf(context, id);
    const viewer = viewerOf(context);
    if (timeline) {
      return context.html(<TimelinePage viewer={viewer} timeline={timeline} personal={wantsPersonal(context)} />);
    }
    return context.html(<SearchPage viewer={viewer} asked={id} problem={`Nobody knows of ${id}.`} />, 404);
  });

  return app;
}
