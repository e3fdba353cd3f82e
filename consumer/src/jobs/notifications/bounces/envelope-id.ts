/** One hand-over of a send. The uuid is told to mail servers only, so that nobody else can speak of it. */
export interface Envelope {
  send: string;
  envelope: string;
}

/** What a notification of delivery calls the hand-over by (RFC 3461, 4.4). */
export function envelopeIdOf({ send, envelope }: Envelope): string {
  return `${send}.${envelope}`;
}

/** The same backwards; undefined for what is none of ours. */
export function parseEnvelopeId(text: string): Envelope | undefined {
  const [, send, envelope] = /^([1-9]\d{0,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(text.trim()) ??
    [];
  return send !== undefined && envelope !== undefined ? { send, envelope: envelope.toLowerCase() } : undefined;
}
