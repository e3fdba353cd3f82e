import type { BlockList } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { routePath } from "hono/route";
import type { Logger } from "../../telemetry/logger.ts";
import { findKey, type OpsKey } from "./keyring.ts";
import { isAllowed, unmapped } from "./networks.ts";
import type { OpsScope } from "./scopes.ts";
import type { Sessions } from "./sessions.ts";

export const cookieName = "ops_session";

export interface OpsEnv {
  Variables: {
    caller: OpsKey;
    /** Empty for a caller with a key in the header: no browser sends that by itself. */
    csrf: string;
    /** The appointment, doctor, dead letter or group that the request is about. */
    resource: string | undefined;
  };
}

export interface GuardDependencies {
  keys: readonly OpsKey[];
  networks: BlockList | undefined;
  sessions: Sessions;
  log: Logger;
}

function addressOf(context: Context): string | undefined {
  const bindings: Partial<HttpBindings> | undefined = context.env;
  return bindings?.incoming?.socket.remoteAddress;
}

/** Who looked at what, or did what, from where: one line a request. */
export function attribute({ log }: Pick<GuardDependencies, "log">): MiddlewareHandler<OpsEnv> {
  return async (context, next) => {
    const started = performance.now();
    await next();
    const { method } = context.req;
    const ms = Math.round((performance.now() - started) * 1e3) / 1e3;
    const clientAddress = unmapped(addressOf(context) ?? "");
    const { resource } = context.var;
    const caller: OpsKey | undefined = context.var.caller;
    const line = { method, route: routePath(context, -1), status: context.res.status, ms, caller: caller?.name };
    log.info({ ...line, clientAddress, resource }, "request");
  };
}

/** Answers this machine and the networks that are configured, and nobody else. */
export function onlyFrom({ networks }: Pick<GuardDependencies, "networks">): MiddlewareHandler<OpsEnv> {
  return async (context, next) => {
    if (isAllowed(addressOf(context), networks)) return await next();
    return context.text("The operations page answers its own machine, and the networks of OPS_PAGE_NETWORKS.\n", 403);
  };
}

/** Lets pass who has a session, or a key in X-API-Key; a browser is sent to log in, and comes back. */
export function requireCaller({ keys, sessions }: GuardDependencies): MiddlewareHandler<OpsEnv> {
  return async (context, next) => {
    const given = context.req.header("x-api-key");
    const token = getCookie(context, cookieName);
    const session = given !== undefined
      ? asSession(findKey(keys, given))
      : token === undefined
      ? undefined
      : await sessions.find(token);
    if (!session) return refuse(context);
    if (!session.key.scopes.includes("ops:read")) return context.text("This key lacks the scope ops:read.\n", 403);
    context.set("caller", session.key);
    context.set("csrf", session.csrf);
    await next();
  };
}

const asSession = (key: OpsKey | undefined) => key && { key, csrf: "" };

function refuse(context: Context): Response {
  const { method, path, url } = context.req;
  if (method === "GET" && context.req.header("accept")?.includes("text/html")) {
    return context.redirect(`/ops/login?next=${encodeURIComponent(path + new URL(url).search)}`, 303);
  }
  return context.json({ title: "Log in at /ops/login, or send a key in X-API-Key" }, 401);
}

export function may(context: Context<OpsEnv>, scope: OpsScope): boolean {
  return context.var.caller.scopes.includes(scope);
}

/** For what changes something: the scope, and of a browser the session's own token, which no other site can know. */
export function requireAct(): MiddlewareHandler<OpsEnv> {
  return async (context, next) => {
    const { csrf } = context.var;
    if (csrf !== "") {
      const form = await context.req.parseBody();
      if (form["csrf"] !== csrf) {
        return context.text("The form is not of this session: go back and load it again.\n", 403);
      }
    }
    if (!may(context, "ops:act")) return context.text("This key lacks the scope ops:act.\n", 403);
    await next();
  };
}
