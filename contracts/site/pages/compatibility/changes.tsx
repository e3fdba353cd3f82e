/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Verdict } from "../../../src/diff/change.ts";
import { inline } from "../../code.tsx";
import { type Comparison, workingTree } from "../../load/releases.ts";
import { Table } from "../../table.tsx";

const anchorOf = ({ from, to }: Comparison) => `${from}-to-${to}`.replaceAll(/[^a-z0-9]+/gi, "-");

const tones: Record<Verdict, string> = { MAJOR: "bad", MINOR: "good", PATCH: "quiet" };

function Comparing({ comparison }: { comparison: Comparison }) {
  const { from, to, changes } = comparison;
  return (
    <>
      <h3 id={anchorOf(comparison)}>{from} → {to}</h3>
      {changes.length === 0
        ? <p class="empty">Nothing changed.</p>
        : (
          <Table label={`Changes from ${from} to ${to}`} head={["Verdict", "Change", "Breaks"]}>
            {changes.map(({ verdict, what, event, breaks, because }) => (
              <tr>
                <th scope="row">
                  <span class={`badge ${tones[verdict]}`}>{verdict}</span>
                </th>
                <td>
                  {inline(what)} {event ? <code class="chip">{event}</code> : null}
                  {because ? <span class="constraint">{because}</span> : null}
                </td>
                <td>
                  {breaks.map(({ job, place }) => `${job} (${place})`).join(", ") || <span class="none">nobody</span>}
                </td>
              </tr>
            ))}
          </Table>
        )}
    </>
  );
}

/** What `contracts diff` says of any two releases, and of each with the working tree. */
export function Changes({ comparisons }: { comparisons: Comparison[] }) {
  return (
    <>
      <p>
        From the point of view of both sides: what the old producer wrote is read by the new consumer, and the other way
        about. The same for any git revision: <code>npm run contracts -- diff BASE</code>.
      </p>
      {comparisons.length === 0 ? <p class="empty">Nothing has been released but the {workingTree}.</p> : null}
      {comparisons.toReversed().map((comparison) => <Comparing comparison={comparison} />)}
    </>
  );
}
