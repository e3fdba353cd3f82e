export interface Releases {
  /** Registers what undoes an acquisition, right after the acquisition. */
  add(name: string, release: () => Promise<void> | void): void;
  /** Undoes everything, newest first; a failing release is reported and holds up none of the others. */
  run(): Promise<void>;
}

export function createReleases(report: (line: string) => void): Releases {
  const pending: { name: string; release: () => Promise<void> | void }[] = [];
  return {
    add(name, release) {
      pending.push({ name, release });
    },
    async run() {
      for (let next = pending.pop(); next; next = pending.pop()) {
        try {
          await next.release();
        } catch (error) {
          report(`stopping ${next.name} failed: ${String(error)}`);
        }
      }
    },
  };
}
