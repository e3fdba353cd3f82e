/** A message that the relay of a release really published. */
export interface Golden {
  release: string;
  body: Record<string, unknown>;
}
