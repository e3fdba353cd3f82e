import { Buffer } from "node:buffer";
import { isSameEntry } from "./calendar-entry.ts";

export interface CaldavOptions {
  /** The collection that holds one calendar for each doctor. */
  url: string;
  username: string;
  password: string;
  timeoutMs?: number;
}

/** The server was not reached, or serves nobody now. */
export class CaldavUnavailable extends Error {
  override name = "CaldavUnavailable";
}

/** The server answered and refused this one request. */
export class CaldavRefused extends Error {
  override name = "CaldavRefused";
}

/** Requests of RFC 4791 on the resources `<url>/<doctorId>/<appointmentId>.ics`. */
export interface CaldavClient {
  get(doctorId: string, appointmentId: string): Promise<{ content: string; etag: string | null } | undefined>;
  /**
   * Writes over the version with `etag`, or a new resource when that is null; makes the calendar when it is missing.
   * `changed` when the resource is not (any more) what the caller takes it for.
   */
  put(
    doctorId: string,
    appointmentId: string,
    content: string,
    etag: string | null,
  ): Promise<{ kind: "written"; etag: string | null } | { kind: "changed" }>;
  remove(doctorId: string, appointmentId: string, etag: string): Promise<"removed" | "changed">;
}

const notFound = new Set([404, 410]);
/** RFC 4918 9.7.1 says 409 for a missing collection; some servers say 404. */
const noCollection = new Set([404, 409]);

export function createCaldavClient({ url, username, password, timeoutMs = 10_000 }: CaldavOptions): CaldavClient {
  const base = url.endsWith("/") ? url : `${url}/`;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const collection = (doctorId: string) => `${base}${encodeURIComponent(doctorId)}/`;
  const resource = (doctorId: string, appointmentId: string) =>
    `${collection(doctorId)}${encodeURIComponent(appointmentId)}.ics`;

  async function request(method: string, address: string, headers: Record<string, string> = {}, body?: string) {
    let response: Response;
    let text: string;
    try {
      response = await fetch(address, {
        method,
        headers: { authorization, ...headers },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body }),
      });
      text = await response.text();
    } catch (error) {
      throw new CaldavUnavailable(`${method} ${address} got no answer: ${error}`, { cause: error });
    }
    const { status } = response;
    if (status === 401 || status === 429 || status >= 500) {
      throw new CaldavUnavailable(`${method} ${address} was answered with ${status}`);
    }
    return { status, ok: response.ok, etag: response.headers.get("etag"), text };
  }

  function refused(method: string, address: string, status: number): CaldavRefused {
    return new CaldavRefused(`${method} ${address} was answered with ${status}`);
  }

  async function makeCalendar(doctorId: string): Promise<void> {
    const address = collection(doctorId);
    const { ok, status } = await request("MKCALENDAR", address);
    // 405: another process made it first (RFC 4791 5.3.1.2).
    if (!ok && status !== 405) throw refused("MKCALENDAR", address, status);
  }

  async function get(doctorId: string, appointmentId: string) {
    const address = resource(doctorId, appointmentId);
    const { ok, status, etag, text } = await request("GET", address);
    if (notFound.has(status)) return undefined;
    if (!ok) throw refused("GET", address, status);
    return { content: text, etag };
  }

  return {
    get,

    async put(doctorId, appointmentId, content, etag) {
      const address = resource(doctorId, appointmentId);
      const headers: Record<string, string> = {
        "content-type": "text/calendar; charset=utf-8",
        ...(etag === null ? { "if-none-match": "*" } : { "if-match": etag }),
      };
      let answer = await request("PUT", address, headers, content);
      if (noCollection.has(answer.status)) {
        await makeCalendar(doctorId);
        answer = await request("PUT", address, headers, content);
      }
      if (answer.status === 412) return { kind: "changed" };
      if (!answer.ok) throw refused("PUT", address, answer.status);
      if (answer.etag !== null) return { kind: "written", etag: answer.etag };
      // A server that alters what it stores sends no ETag (RFC 4791 5.3.4), and until it is asked others may write.
      const found = await get(doctorId, appointmentId);
      return found && isSameEntry(found.content, content) ? { kind: "written", etag: found.etag } : { kind: "changed" };
    },

    async remove(doctorId, appointmentId, etag) {
      const address = resource(doctorId, appointmentId);
      const { ok, status } = await request("DELETE", address, { "if-match": etag });
      if (status === 412) return "changed";
      if (!ok && !notFound.has(status)) throw refused("DELETE", address, status);
      return "removed";
    },
  };
}
