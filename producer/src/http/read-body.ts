import type { HonoRequest, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { malformed, RequestError } from "./request-error.ts";
import { parseStrictJson } from "./strict-json.ts";

const maxBytes = 64 * 1024;

/** The body as strict JSON, or undefined where there is none. */
export async function readJsonBody(request: HonoRequest, mediaTypes: readonly string[]): Promise<unknown> {
  const bytes = new Uint8Array(await unlessCutOff(request.arrayBuffer()));
  if (bytes.length === 0) return undefined;
  refuseCodings(request.header("content-encoding"));
  refuseOtherMedia(request, mediaTypes);
  return parseStrictJson(decode(bytes));
}

/** RFC 9110, 8.4 and 12.5.3: what is compressed would have to be unpacked before its size is known. */
function refuseCodings(contentEncoding = ""): void {
  const codings = contentEncoding.toLowerCase().split(",").map((coding) => coding.trim());
  if (codings.every((coding) => coding === "" || coding === "identity")) return;
  throw new RequestError("unsupported-media-type", "Send the body as it is, without Content-Encoding", {
    headers: { "Accept-Encoding": "identity" },
  });
}

function refuseOtherMedia(request: HonoRequest, mediaTypes: readonly string[]): void {
  const contentType = request.header("content-type") ?? "";
  const [mediaType = "", ...parameters] = contentType.toLowerCase().split(";").map((part) => part.trim());
  const isUtf8 = parameters.every((parameter) =>
    !parameter.startsWith("charset=") || /^charset="?utf-8"?$/.test(parameter)
  );
  if (mediaTypes.includes(mediaType) && isUtf8) return;
  const accepted = mediaTypes.join(", ");
  throw new RequestError("unsupported-media-type", `Send ${mediaTypes.join(" or ")} in UTF-8`, {
    headers: { Accept: accepted, ...(request.method === "PATCH" ? { "Accept-Patch": accepted } : {}) },
  });
}

const limited = bodyLimit({
  maxSize: maxBytes,
  onError: () => {
    throw new RequestError("body-too-large", `A body may have ${maxBytes} bytes`);
  },
});

/** Refuses what is too large, by what it says of its length or by what has come. Behind it stands `readJsonBody`. */
export const limitBody: MiddlewareHandler = (c, next) => unlessCutOff(limited(c, next));

/** A caller who goes away in the middle is no failure of ours, and must not be counted as one. */
async function unlessCutOff<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("malformed-request", "The body was cut off", {}, { cause: error });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("The body is not UTF-8");
  }
}
