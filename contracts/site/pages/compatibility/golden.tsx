/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Replayed } from "../../../src/release/replay.ts";
import type { Cell, Releases } from "../../load/releases.ts";
import type { Replays } from "../../load/replays.ts";
import type { Revision, Versions } from "../../load/revisions.ts";
import { Table } from "../../table.tsx";
import { Version } from "../../version.tsx";

function Understood({ understood, of }: Pick<Replayed, "understood" | "of">) {
  return (
    <>
      <span class={understood === of ? "badge good" : "badge bad"}>{understood} of {of}</span> understood
    </>
  );
}

function Problems({ problems }: Pick<Replayed, "problems">) {
  return <>{problems.map((problem) => <span class="constraint">{problem}</span>)}</>;
}

/** Golden messages held against the schemas of each version: computed when the site is built. */
export function Schemas({ releases, matrix }: { releases: Releases["releases"]; matrix: Cell[] }) {
  const readers = [...new Set(matrix.map(({ consumer }) => consumer))];
  return (
    <Table
      label="Golden messages and schemas"
      head={["", ...readers.map((name) => `Schemas of ${name}`)]}
    >
      {releases.map(({ version }) => (
        <tr>
          <th scope="row">Messages of {version}</th>
          {matrix.filter(({ producer }) => producer === version).map((cell) => (
            <td>
              <Understood {...cell} />
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

/** Golden messages handed to the consumer itself, which takes servers: what was recorded of it. */
export function GoldenReplays(
  { replays, head, revisions }: { replays: Replays | undefined; head: Versions; revisions: Revision[] },
) {
  if (!replays) {
    return (
      <p class="empty">
        None has been recorded. <code>npm run docs -- --replay</code>{" "}
        starts servers, replays the golden messages of every release, and shows here what came of it.
      </p>
    );
  }
  const current = replays.producer === head.producer && replays.consumer === head.consumer;
  return (
    <>
      <p>
        {current ? "Replayed with both services as they are in this revision" : "Replayed before the last changes"}:
        producer <Version service="producer" tree={replays.producer} revisions={revisions} />, consumer{" "}
        <Version service="consumer" tree={replays.consumer} revisions={revisions} />.
      </p>
      <Table
        label="Golden replays"
        head={["Release", "Its messages, handled by the consumer", "The producer's messages, by its schemas"]}
      >
        {replays.replays.map(({ release, intoConsumer, intoRelease }) => (
          <tr>
            <th scope="row">{release}</th>
            <td>
              <Understood {...intoConsumer} />
              <Problems problems={intoConsumer.problems} />
            </td>
            <td>
              <Understood {...intoRelease} />
              <Problems problems={intoRelease.problems} />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}
