import { randomBytes } from "node:crypto";
import { type Parts, UnknownPart } from "./parts.ts";
import { type Answer, json, type Request, startHttpServer } from "./stand-ins/http-server.ts";

/**
 * By which other commands of this checkout stop and restart parts of the running system. Its key is new at each start and in a file
 * that only its owner reads: a variable may name a library to load.
 */
export async function startControl(parts: Pick<Parts, "stop" | "restart">, report: (line: string) => void) {
  const key = randomBytes(24).toString("base64url");

  async function change({ path, body }: Request): Promise<void> {
    const [, name = "", action] = path.split("/");
    const variables = Object.entries(JSON.parse(body || "{}") as Record<string, string>);
    report(
      `${name}: ${action}${variables.length > 0 ? ` with ${variables.map(([variable]) => variable).join(", ")}` : ""}`,
    );
    if (action === "stop") await parts.stop(name);
    else await parts.restart(name, Object.fromEntries(variables));
  }

  async function answer(request: Request): Promise<Answer> {
    if (request.headers.authorization !== `Bearer ${key}`) return json(401, { error: "not the key of this start" });
    if (request.method !== "POST" || !/^\/[a-z]+\/(stop|restart)$/.test(request.path)) {
      return json(404, { error: "not found" });
    }
    try {
      await change(request);
      return json(200, {});
    } catch (error) {
      return json(error instanceof UnknownPart ? 404 : 500, { error: (error as Error).message });
    }
  }
  const server = await startHttpServer(0, answer);
  return { url: server.url, key, stop: server.stop };
}
