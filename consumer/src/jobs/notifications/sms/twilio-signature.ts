import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/** The header X-Twilio-Signature of a form: HMAC-SHA1 over the URL and the fields, sorted by name, without separators. */
export function twilioSignature(authToken: string, url: string, form: URLSearchParams): string {
  const fields = [...form].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([name, value]) => name + value);
  return createHmac("sha1", authToken).update(url + fields.join("")).digest("base64");
}

export function isSignedBy(authToken: string, url: string, form: URLSearchParams, signature: string): boolean {
  const [wanted, given] = [twilioSignature(authToken, url, form), signature].map((text) => Buffer.from(text));
  return wanted!.length === given!.length && timingSafeEqual(wanted!, given!);
}
