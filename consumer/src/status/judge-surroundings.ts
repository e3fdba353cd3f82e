import { ago, problem } from "./problem.ts";
import type { Impairment, Observations, Problem } from "./status.ts";

/** Beyond what a network and a header to the second make of two clocks that are right. */
const wrongClockSeconds = 10;

function ofServers({ database, broker }: Observations): Problem[] {
  return [
    ...(database.up
      ? []
      : [problem("red", `PostgreSQL does not answer: ${database.reason}`, "docs/operate/service-down.md")]),
    ...(broker.up ? [] : [problem("red", `RabbitMQ does not answer: ${broker.reason}`, "docs/operate/broker-loss.md")]),
  ];
}

/** A session that has kept others waiting for so long goes on until somebody ends it. */
function ofLocks({ lockHolders }: Observations): Problem[] {
  return lockHolders.map(({ pid, user, application, forSeconds, waiting }) => {
    const who = `The session ${pid} of ${user} (${application || "unnamed"})`;
    const time = forSeconds === null ? "" : ` for ${ago(forSeconds)}`;
    const whom = waiting === 1 ? "1 statement" : `${waiting} statements`;
    return problem("red", `${who} keeps ${whom} of PostgreSQL waiting${time}`, "docs/operate/slow-database.md");
  });
}

function ofClocks({ clocks }: Observations): Problem[] {
  return clocks.filter(({ aheadSeconds }) => Math.abs(aheadSeconds) >= wrongClockSeconds).map((
    { whose, aheadSeconds },
  ) =>
    problem(
      "red",
      `The clock of ${whose} is ${ago(Math.abs(aheadSeconds))} ${
        aheadSeconds > 0 ? "ahead of" : "behind"
      } PostgreSQL's`,
      "docs/operate/wrong-clock.md",
    )
  );
}

const runbookOf: Record<Impairment["dependency"], string> = {
  database: "docs/operate/service-down.md",
  broker: "docs/operate/service-down.md",
  topology: "docs/operate/lost-topology.md",
  patientKeys: "docs/operate/patient-keys.md",
};

/** What is away for everybody has a line already. */
function ofImpairments({ impairments, database, broker }: Observations): Problem[] {
  const told = (one: Impairment) =>
    one.dependency === "broker" && !broker.up ||
    one.dependency === "database" && one.whose === "consumer" && !database.up;
  return impairments.filter((one) => !told(one)).map(({ whose, dependency, state, reason }) =>
    problem(
      // What is missing is declared again by itself.
      dependency === "topology" ? "amber" : "red",
      `The ${whose}'s ${dependency} is ${state}: ${reason}`,
      dependency === "database" && state === "read-only" ? "docs/operate/read-only-database.md" : runbookOf[dependency],
    )
  );
}

/** What is wrong with that on which the jobs stand: servers, locks, clocks, and the producer by its own account. */
export function judgeSurroundings(observations: Observations): Problem[] {
  return [ofLocks, ofServers, ofImpairments, ofClocks].flatMap((look) => look(observations));
}
