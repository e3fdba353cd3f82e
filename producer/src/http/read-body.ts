import type { HonoRequest } from "hono";
import { malformed, RequestError } from "./request-error.ts";
import { parseStrictJson } from "./strict-json.ts";

const largestBytes = 64 * 1024;

/** The body as strict JSON, or undefined where there is none. */
export async function readJsonBody(request: HonoRequest, mediaTypes: readonly string[]): Promise<unknown> {
  const bytes = await readAll(request);
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

function tooLarge(): RequestError {
  return new RequestError("body-too-large", `A body may have ${largestBytes} bytes`);
}

/** A caller who goes away in the middle is no failure of ours, and must not be counted as one. */
async function readAll(request: HonoRequest): Promise<Uint8Array> {
  try {
    return await readLimited(request);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("malformed-request", "The body was cut off", {}, { cause: error });
  }
}

async function readLimited(request: HonoRequest): Promise<Uint8Array> {
  const declared = request.header("content-length");
  if (declared !== undefined) {
    if (Number(declared) > largestBytes) throw tooLarge();
    return new Uint8Array(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.raw.body ?? []) {
    length += chunk.length;
    if (length > largestBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("The body is not UTF-8");
  }
}
