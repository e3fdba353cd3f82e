import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { type MimeNode, Splitter } from "@zone-eu/mailsplit";

/** A part of a mail that is none of several parts. */
export interface MailPart {
  /** In lower case, without parameters. */
  type: string;
  text: string;
}

const limits = { maxHeadSize: 65_536, maxChildNodes: 30, ignoreEmbedded: true };

/** The type of a mail and its parts, mails within it unopened; throws where it can't be taken apart. */
export async function readMailParts(source: Uint8Array): Promise<{ type: string; parts: MailPart[] }> {
  const splitter = new Splitter(limits);
  splitter.end(source);
  const nodes: { node: MimeNode; body: Buffer[] }[] = [];
  for await (const chunk of splitter) {
    if (chunk.type === "node") nodes.push({ node: chunk, body: [] });
    else if (chunk.type === "body") nodes.at(-1)?.body.push(chunk.value);
  }
  const parts = nodes.filter(({ node }) => !node.multipart).map(async ({ node, body }) => ({
    type: String(node.contentType).toLowerCase(),
    text: await decode(node, Buffer.concat(body)),
  }));
  return { type: String(nodes[0]?.node.contentType).toLowerCase(), parts: await Promise.all(parts) };
}

/** Undoes the transfer encoding; what isn't UTF-8 then becomes replacement characters. */
async function decode(node: MimeNode, body: Buffer): Promise<string> {
  const decoder = Readable.from([body]).pipe(node.getDecoder());
  const chunks: Buffer[] = [];
  for await (const chunk of decoder) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
