/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { type PactResult, resultFor, type Verification } from "../../../src/deploy/verifications.ts";
import type { Revision, Versions } from "../../load/revisions.ts";
import { Table } from "../../table.tsx";
import { Version } from "../../version.tsx";

/** A pair of versions that has a name: a release, or HEAD. */
export interface Named extends Versions {
  name: string;
}

/** Each version once; one that has two names has both. */
function namesOf(service: keyof Versions, named: Named[]): { name: string; tree: string }[] {
  return [...new Set(named.map((one) => one[service]))].map((tree) => ({
    tree,
    name: named.filter((one) => one[service] === tree).map(({ name }) => name).join(" and "),
  }));
}

type Results = (PactResult | undefined)[];

function Verified({ results }: { results: Results }) {
  const known = results.filter((result) => result !== undefined);
  const failed = known.filter(({ success }) => !success);
  if (failed.length > 0) {
    return (
      <>
        <span class="badge bad">breaks</span> <small>{failed.length} of {results.length} pacts</small>
      </>
    );
  }
  if (known.length < results.length || known.length === 0) return <span class="badge quiet">not verified</span>;
  const interactions = known.reduce((sum, result) => sum + result.interactions, 0);
  return (
    <>
      <span class="badge good">works</span> <small>{known.length} pacts, {interactions} interactions</small>
    </>
  );
}

/** Every named producer with every named consumer. */
export function Matrix({ named, verifications }: { named: Named[]; verifications: Verification[] }) {
  const readers = namesOf("consumer", named);
  const consumers = [...new Set(verifications.flatMap(({ results }) => Object.keys(results)))];
  return (
    <Table
      label="Producer and consumer versions"
      head={["", ...readers.map(({ name }) => `Consumer ${name}`)]}
    >
      {namesOf("producer", named).map(({ name, tree }) => (
        <tr>
          <th scope="row">Producer {name}</th>
          {readers.map((reader) => (
            <td>
              <Verified
                results={consumers.map((consumer) =>
                  resultFor(verifications, { consumer, consumerVersion: reader.tree, providerVersion: tree })
                )}
              />
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

/** Every pair that was ever verified, the newest first. */
export function Verifications({ verifications, revisions }: { verifications: Verification[]; revisions: Revision[] }) {
  if (verifications.length === 0) return <p class="empty">None has been recorded.</p>;
  return (
    <Table label="Verifications" head={["Producer", "Consumer", "Result"]}>
      {verifications.map((verification) => (
        <tr>
          <th scope="row">
            <Version service="producer" tree={verification.producer} revisions={revisions} />
          </th>
          <td>
            <Version service="consumer" tree={verification.consumer} revisions={revisions} />
          </td>
          <td>
            <Verified results={Object.values(verification.results)} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
