export interface Running {
  /** Rejects when it ends by itself; never resolves. */
  died: Promise<never>;
  stop(): Promise<void>;
}

/** Starts a part of the local system; the variables are those of a rehearsal, on top of its own. */
export type StartPart = (variables: Record<string, string>) => Promise<Running>;

export type Parts = ReturnType<typeof createParts>;

/** What `npm start` runs and a person may stop and start again, without ending the system. */
export function createParts() {
  const parts = new Map<string, { start: StartPart; running: Running | undefined }>();
  let fail: (error: unknown) => void;
  const died = new Promise<never>((_, reject) => fail = reject);
  died.catch(() => {});
  let last: Promise<unknown> = Promise.resolve();

  /** One change at a time: a stop that comes during a start would miss what is being started. */
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = last.then(change);
    last = result.catch(() => {});
    return result;
  }

  function find(name: string) {
    const part = parts.get(name);
    if (!part) throw new UnknownPart(`no part ${name}: choose one of ${[...parts.keys()].sort().join(", ")}`);
    return part;
  }

  async function end(name: string): Promise<void> {
    const part = find(name);
    const { running } = part;
    part.running = undefined;
    await running?.stop();
  }

  async function begin(name: string, variables: Record<string, string>): Promise<void> {
    const part = find(name);
    const running = await part.start(variables);
    part.running = running;
    running.died.catch((error) => {
      if (part.running === running) fail(error);
    });
  }

  return {
    /** Rejects when a part ends that nobody has stopped. */
    died,
    add(name: string, start: StartPart): Promise<void> {
      parts.set(name, { start, running: undefined });
      return inTurn(() => begin(name, {}));
    },
    stop: (name: string) => inTurn(() => end(name)),
    restart: (name: string, variables: Record<string, string>) =>
      inTurn(async () => {
        await end(name);
        await begin(name, variables);
      }),
  };
}

export class UnknownPart extends Error {
  override name = "UnknownPart";
}
