/** Does the work now and then every so often, never twice at a time. Returns what stops it. */
export function startPeriodically(job: {
  everyMs: number;
  work: () => Promise<void>;
  onError: (error: Error) => void;
}): () => Promise<void> {
  let running = Promise.resolve();
  const turn = () => {
    running = running.then(job.work).catch(job.onError);
  };
  turn();
  const timer = setInterval(turn, job.everyMs);
  return () => {
    clearInterval(timer);
    return running;
  };
}
