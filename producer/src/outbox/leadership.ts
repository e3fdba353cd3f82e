import type { Sql } from "../postgres/database.ts";

/** The lead of the relay, for one term. */
export type Leadership = {
  readonly term: string;
  /** Whether the lease still runs: renewed in time, and not taken by anybody else. */
  held(): boolean;
  /** Lets another one lead at once. */
  release(): Promise<void>;
};

export type Candidate = {
  /** Calls `onWaiting` while it leads and something is in the outbox, whoever has written it. */
  take(onWaiting: () => void): Promise<Leadership | undefined>;
};

type Lease = { term: string; beat: string; holder: string | null };

/**
 * Tries to become the one relay of this database, whose lease is a row: it needs no session, so it works behind a pooler.
 * A holder is thought dead when its beat has not changed for the length of a lease as this process measures it, so no
 * clock of two machines is compared. It may live on all the same: what it writes is fenced off by the term.
 */
export function createCandidate(deps: {
  sql: Sql;
  /** Who this is, for people. */
  holder: string;
  leaseMs: number;
  /** How often the outbox is looked at for what another instance wrote. */
  pollMs: number;
  /** Never goes backwards. */
  nowMs: () => number;
  onSucceeded: (former: string) => void;
}): Candidate {
  const { sql, holder, leaseMs, pollMs, nowMs } = deps;
  let seen: { beat: string; since: number } | undefined;

  function isAlive({ beat, holder }: Lease): boolean {
    if (holder === null) return false;
    if (seen?.beat !== beat) seen = { beat, since: nowMs() };
    return nowMs() - seen.since < leaseMs;
  }

  function keep(term: string, takenAt: number, onWaiting: () => void): Leadership {
    let runsUntil = takenAt + leaseMs;
    let isRenewing = false;

    /** Renewing the lease and looking into the outbox are one statement: all that a relay asks while nothing happens. */
    async function renew(): Promise<void> {
      const asked = nowMs();
      const [beat] = await sql<{ waiting: boolean }[]>`
        UPDATE relay_lease SET beat = beat + 1 WHERE term = ${term} RETURNING EXISTS (SELECT FROM outbox) AS waiting`;
      runsUntil = beat ? asked + leaseMs : -Infinity;
      if (beat?.waiting) onWaiting();
    }
    const timer = setInterval(() => {
      if (isRenewing) return;
      isRenewing = true;
      // Without a renewal the lease runs out, and the relay says why it can't lead.
      renew().catch(() => {}).finally(() => (isRenewing = false));
    }, Math.min(leaseMs / 4, pollMs));
    return {
      term,
      held: () => nowMs() < runsUntil,
      async release() {
        clearInterval(timer);
        if (nowMs() >= runsUntil) return;
        runsUntil = -Infinity;
        await sql`UPDATE relay_lease SET beat = beat + 1, holder = NULL WHERE term = ${term}`;
      },
    };
  }

  return {
    async take(onWaiting) {
      const [lease] = await sql<Lease[]>`SELECT term, beat, holder FROM relay_lease`;
      if (!lease) throw new Error("relay_lease has no row");
      if (isAlive(lease)) return undefined;
      const asked = nowMs();
      const [taken] = await sql<Lease[]>`
        UPDATE relay_lease SET term = term + 1, beat = beat + 1, holder = ${holder} WHERE beat = ${lease.beat}
        RETURNING term, beat, holder`;
      if (!taken) return undefined;
      if (lease.holder !== null) deps.onSucceeded(lease.holder);
      return keep(taken.term, asked, onWaiting);
    },
  };
}
