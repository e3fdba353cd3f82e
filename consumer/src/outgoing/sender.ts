/** Carries out the intents that a job committed. Started and stopped by service.ts; safe to run in several processes. */
export interface Sender {
  name: string;
  /** Looks for due intents now instead of at the next poll; called after a commit that may have written one. */
  wake(): void;
  /** Runs until `signal` is aborted, then finishes what is in flight and resolves. */
  run(signal: AbortSignal): Promise<void>;
}
