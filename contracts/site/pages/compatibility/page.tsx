/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Deployability } from "../../load/deployments.ts";
import type { Releases } from "../../load/releases.ts";
import type { Replays } from "../../load/replays.ts";
import type { Page } from "../../page.ts";
import { Changes } from "./changes.tsx";
import { Gate } from "./gate.tsx";
import { GoldenReplays, Schemas } from "./golden.tsx";
import { Matrix, type Named, Verifications } from "./matrix.tsx";

/** Which versions work together, and what changed between any two. */
export function compatibilityPage(
  { releases, comparisons, matrix }: Releases,
  { verifications, revisions, head, answers, beside }: Deployability,
  replays: Replays | undefined,
): Page {
  const named: Named[] = [
    ...releases.map(({ version, services }) => ({ name: version, ...services })),
    { name: "HEAD", ...head },
  ];
  return {
    path: "contracts/compatibility.html",
    title: "Compatibility",
    section: "Contracts",
    summary: "Which versions of producer and consumer work together, and what changed between any two releases.",
    body: () => (
      <>
        <h1>Compatibility</h1>
        <p class="lead">
          The two services are released apart. A release keeps both documents and the messages that its producer really
          published; everything here is computed from those, or was recorded with the revision that it is true of.
        </p>
        <h2 id="matrix">Versions</h2>
        <p>Each pact held against the bytes that the running producer put on RabbitMQ.</p>
        <Matrix named={named} verifications={verifications} />

        <h2 id="golden">Golden messages</h2>
        <p>
          What a release's producer really published, to the byte. Messages wait in queues and archives, so every
          consumer has to understand those of every release.
        </p>
        <h3 id="replays">Replayed</h3>
        <GoldenReplays replays={replays} head={head} revisions={revisions} />
        <h3 id="schemas">By the schemas</h3>
        <Schemas releases={releases} matrix={matrix} />

        <h2 id="gate">Deploy gate</h2>
        <Gate answers={answers} beside={beside} />

        <h2 id="changes">What changed</h2>
        <Changes comparisons={comparisons} />

        <h2 id="verifications">All verifications</h2>
        <Verifications verifications={verifications} revisions={revisions} />
      </>
    ),
  };
}
