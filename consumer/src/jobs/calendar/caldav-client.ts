import { isSameEntry } from "./calendar-entry.ts";
import { type CaldavOptions, createDavRequest, type DavAnswer } from "./dav-request.ts";
import { isWeak, sameVersion, strongForm } from "./etag.ts";
import { objectNames } from "./multistatus.ts";

/** The server answered and refused this one request. */
export class CaldavRefused extends Error {
  override name = "CaldavRefused";
  /** Whether it grants the configured user too little, rather than disliking what was sent. */
  forbidden: boolean;
  constructor({ method, address, status, preconditions }: DavAnswer) {
    const missed = preconditions.length > 0 ? ` (${preconditions.join(", ")})` : "";
    super(`${method} ${address} was answered with ${status}${missed}`);
    this.forbidden = preconditions.includes("need-privileges") || (status === 403 && preconditions.length === 0);
  }
}

/** What a calendar has, as far as is known. Servers should send an ETag (RFC 4791, 5.3.4), and some send none. */
export interface Entry {
  content: string;
  etag: string | null;
}

export type Put = { kind: "written"; etag: string | null } | { kind: "changed" } | { kind: "uid-taken" };

/** Requests of RFC 4791 on the resources `<url>/<doctorId>/<name>.ics`. */
export interface CaldavClient {
  /** The names of the entries of a doctor's calendar; none where there is no calendar. */
  list(doctorId: string): Promise<string[]>;
  get(doctorId: string, name: string): Promise<Entry | undefined>;
  /**
   * Writes over `held`, or a new resource when that is null; makes the calendar when it is missing. `changed` when the
   * resource is not (any more) what the caller takes it for, `uid-taken` when the calendar has its UID under another
   * name or another one under this name.
   */
  put(doctorId: string, name: string, content: string, held: Entry | null): Promise<Put>;
  remove(doctorId: string, name: string, held: Entry): Promise<"removed" | "changed">;
}

/** Of a PROPFIND (RFC 4918, 9.1): without it a server may answer with all that it knows of each. */
const onlyEtags = '<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>';

const notFound = new Set([404, 410]);
/** RFC 4918 9.7.1 says 409 for a missing collection; some servers say 404. */
const noCollection = new Set([404, 409]);
/** Preconditions of a PUT that no new calendar would fulfil (RFC 4791, 5.3.2.1; RFC 4918, 16; RFC 3744, 7.1.1). */
const ofTheResource = new Set([
  "no-uid-conflict",
  "supported-calendar-data",
  "valid-calendar-data",
  "valid-calendar-object-resource",
  "supported-calendar-component",
  "max-resource-size",
  "min-date-time",
  "max-date-time",
  "max-instances",
  "max-attendees-per-instance",
  "quota-not-exceeded",
  "sufficient-disk-space",
  "lock-token-submitted",
  "need-privileges",
]);

const lacksCollection = ({ status, preconditions }: DavAnswer) =>
  noCollection.has(status) && !preconditions.some((name) => ofTheResource.has(name));

export function createCaldavClient(options: CaldavOptions): CaldavClient {
  const request = createDavRequest(options);
  const base = options.url.endsWith("/") ? options.url : `${options.url}/`;
  const collection = (doctorId: string) => `${base}${encodeURIComponent(doctorId)}/`;
  const resource = (doctorId: string, name: string) => `${collection(doctorId)}${encodeURIComponent(name)}.ics`;

  /**
   * Whether the calendar is there now, as far as the answer tells: 405 and `resource-must-be-null` say that another
   * process made it first (RFC 4791, 5.3.1), and a bare 409 may, so that the next PUT decides.
   */
  async function makeCalendar(doctorId: string): Promise<DavAnswer> {
    const answer = await request("MKCALENDAR", collection(doctorId));
    const { ok, status, preconditions } = answer;
    if (ok || status === 405 || status === 409 || preconditions.includes("resource-must-be-null")) return answer;
    throw new CaldavRefused(answer);
  }

  async function get(doctorId: string, name: string): Promise<Entry | undefined> {
    const answer = await request("GET", resource(doctorId, name));
    if (notFound.has(answer.status)) return undefined;
    if (!answer.ok) throw new CaldavRefused(answer);
    return { content: answer.text, etag: answer.etag };
  }

  /**
   * Sends a request that must change nothing but `held`. If-Match knows no weak ETag (RFC 9110, 13.1.1): where the
   * server has nothing better, its strong form is tried, which a proxy may have weakened, and after that a look at the
   * resource has to do, with a moment between look and change.
   */
  async function guarded(
    doctorId: string,
    name: string,
    held: Entry | null,
    send: (guard: Record<string, string>) => Promise<DavAnswer>,
  ): Promise<DavAnswer | "changed"> {
    const unless412 = (answer: DavAnswer) => answer.status === 412 ? "changed" : answer;
    if (held === null) return unless412(await send({ "if-none-match": "*" }));
    if (held.etag !== null) {
      const answer = unless412(await send({ "if-match": strongForm(held.etag) }));
      if (answer !== "changed" || !isWeak(held.etag)) return answer;
    }
    const found = await get(doctorId, name);
    if (!found || !sameVersion(found, held)) return "changed";
    return unless412(await send(found.etag === null || isWeak(found.etag) ? {} : { "if-match": found.etag }));
  }

  return {
    async list(doctorId) {
      const headers = { depth: "1", "content-type": "application/xml; charset=utf-8" };
      const answer = await request("PROPFIND", collection(doctorId), headers, onlyEtags);
      if (notFound.has(answer.status)) return [];
      if (!answer.ok) throw new CaldavRefused(answer);
      return objectNames(answer.text);
    },

    get,

    async put(doctorId, name, content, held) {
      const address = resource(doctorId, name);
      const contentType = { "content-type": "text/calendar; charset=utf-8" };
      const send = () =>
        guarded(doctorId, name, held, (guard) => request("PUT", address, { ...contentType, ...guard }, content));
      let answer = await send();
      if (answer !== "changed" && lacksCollection(answer)) {
        const made = await makeCalendar(doctorId);
        answer = await send();
        if (answer !== "changed" && !made.ok && lacksCollection(answer)) throw new CaldavRefused(made);
      }
      if (answer === "changed") return { kind: "changed" };
      if (answer.preconditions.includes("no-uid-conflict")) return { kind: "uid-taken" };
      if (!answer.ok) throw new CaldavRefused(answer);
      if (answer.etag !== null) return { kind: "written", etag: answer.etag };
      // A server that alters what it stores sends no ETag (RFC 4791 5.3.4), and until it is asked others may write.
      const found = await get(doctorId, name);
      return found && isSameEntry(found.content, content) ? { kind: "written", etag: found.etag } : { kind: "changed" };
    },

    async remove(doctorId, name, held) {
      const address = resource(doctorId, name);
      const answer = await guarded(doctorId, name, held, (guard) => request("DELETE", address, guard));
      if (answer === "changed") return "changed";
      if (!answer.ok && !notFound.has(answer.status)) throw new CaldavRefused(answer);
      return "removed";
    },
  };
}
