/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { bodyLimit } from "hono/body-limit";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import {
  attribute,
  cookieName,
  type GuardDependencies,
  onlyFrom,
  type OpsEnv,
  requireCaller,
} from "../access/guard.ts";
import { findKey } from "../access/keyring.ts";
import { sessionSeconds } from "../access/sessions.ts";
import { errorText } from "../../telemetry/error-text.ts";
import { liveScript } from "./live-script.ts";
import { LoginPage } from "./login-page.tsx";
import { style } from "./style.ts";

/** Of a form with a key and a place: nobody is known yet who sends it. */
const maxLoginBytes = 16_384;
const self = ["'self'"];
const none = ["'none'"];
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: none,
    scriptSrc: self,
    styleSrc: self,
    connectSrc: self,
    imgSrc: ["'self'", "data:"],
    formAction: self,
    frameAncestors: none,
    baseUri: none,
  },
  // Browsers name no origin of a form under a stricter policy, and that is what a form is judged by.
  referrerPolicy: "same-origin",
});

export type PageDependencies = GuardDependencies & {
  /** What is served to whoever is logged in. */
  parts: readonly Hono<OpsEnv>[];
};

/** The operations page, below /ops: nobody gets further than the form of the login without a key. */
export function createPageApp(dependencies: PageDependencies): Hono<OpsEnv> {
  const { keys, sessions, log, parts } = dependencies;
  const app = new Hono<OpsEnv>();
  app.use(attribute(dependencies), onlyFrom(dependencies), headers, csrf());
  app.use(async (context, next) => {
    context.header("cache-control", "no-store");
    await next();
  });
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.error({ err: error }, "a page failed");
    return context.text(`This page can't be shown now: ${errorText(error)}\n`, 503);
  });
  if (keys.length === 0) {
    app.all("*", (context) => context.text("The operations page is off: set OPS_API_KEYS.\n", 404));
    return app;
  }

  app.get("/page.css", (context) => context.body(style, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/live.js", (context) => context.body(liveScript, 200, { "content-type": "text/javascript; charset=utf-8" }));
  app.get("/login", (context) => context.html(<LoginPage next={nextOf(context.req.query("next"))} refused={false} />));
  app.post("/login", bodyLimit({ maxSize: maxLoginBytes }), async (context) => {
    const form = await context.req.parseBody();
    const next = nextOf(String(form["next"] ?? ""));
    const key = findKey(keys, String(form["key"] ?? ""));
    if (!key) return context.html(<LoginPage next={next} refused />, 401);
    context.set("caller", key);
    setCookie(context, cookieName, await sessions.open(key), {
      path: "/ops",
      httpOnly: true,
      // Whoever follows a link to the page stays logged in; what changes anything needs the session's token beside.
      sameSite: "Lax",
      secure: isEncrypted(context),
      maxAge: sessionSeconds,
    });
    return context.redirect(next, 303);
  });

  app.use(requireCaller(dependencies));
  app.post("/logout", async (context) => {
    const token = getCookie(context, cookieName);
    if (token !== undefined) await sessions.close(token);
    deleteCookie(context, cookieName, { path: "/ops" });
    return context.redirect("/ops/login", 303);
  });
  for (const part of parts) app.route("/", part);
  return app;
}

/** Only a place of this page: a login must not lead elsewhere. */
function nextOf(next: string | undefined): string {
  return next !== undefined && /^\/ops(?:[/?][\w./?&=%~:+-]*)?$/.test(next) && !next.startsWith("/ops/login")
    ? next
    : "/ops";
}

function isEncrypted(context: Context): boolean {
  return new URL(context.req.url).protocol === "https:" || context.req.header("x-forwarded-proto") === "https";
}
