/**
 * No answer came: the connection failed or every attempt took too long. Of a write it is unknown whether it was done;
 * the same call with this key as its Idempotency-Key does it at most once.
 */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  /** How often it was tried. */
  readonly attempts: number;
  readonly idempotencyKey: string | undefined;

  constructor(
    what: string,
    options: {
      cause: unknown;
      attempts: number;
      idempotencyKey: string | undefined;
    },
  ) {
    const { cause, attempts, idempotencyKey } = options;
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `${what} got no answer in ${attempts} ${attempts === 1 ? "attempt" : "attempts"}: ${why}`,
      { cause },
    );
    this.attempts = attempts;
    this.idempotencyKey = idempotencyKey;
  }
}
