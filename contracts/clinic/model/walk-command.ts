import fc, { type Arbitrary, type AsyncCommand } from "fast-check";
import type { VisitState, VisitStatus } from "./clinic.ts";
import { type Manner, manner } from "./sent-request.ts";
import { pick, type Producer, type WalkedClinic } from "./walked-clinic.ts";

export type WalkCommand = AsyncCommand<WalkedClinic, Producer>;

/** A kind of command, with the random values that it goes with. */
export interface Kind {
  name: string;
  /** One of these, of the visit or doctor that `which` stands for. */
  commands(which: Arbitrary<number>): Arbitrary<WalkCommand>;
}

/** Makes a kind of what it draws and what it does with it. */
export function kind<Values>(
  name: string,
  values: Arbitrary<Values>,
  walk: (
    context: { clinic: WalkedClinic; producer: Producer; values: Values; manner: Manner; which: number },
  ) => Promise<void>,
  isPossible: (clinic: WalkedClinic) => boolean = () => true,
): Kind {
  return {
    name,
    commands: (which) =>
      fc.record({ values, manner, which }).map((drawn) => ({
        check: (clinic: Readonly<WalkedClinic>) => isPossible(clinic as WalkedClinic),
        run: (clinic, producer) => walk({ clinic, producer, ...drawn }),
        toString: () => `${name} ${JSON.stringify(drawn)}`,
      })),
  };
}

/** The kinds that act on a visit: `from` is the status that it has before. */
export function visitKind<Values>(
  name: string,
  values: Arbitrary<Values>,
  walk: (context: {
    clinic: WalkedClinic;
    producer: Producer;
    values: Values;
    manner: Manner;
    visit: VisitState;
    what: string;
  }) => Promise<void>,
): Kind {
  return kind(name, values, async ({ clinic, which, ...rest }) => {
    const visit = pick(clinic.visits, which) as VisitState;
    const what = `${name} from ${visit.status satisfies VisitStatus}`;
    await walk({ clinic, visit, what, ...rest });
    if (!rest.manner.stale) clinic.covered.add(what);
  }, ({ visits }) => visits.length > 0);
}
