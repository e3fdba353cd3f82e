/** A failure that no retry mends: the message goes to the dead letters at once, with `reason` in a header. */
export class PermanentError extends Error {
  override name = "PermanentError";
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
