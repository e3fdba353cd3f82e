/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inline } from "../code.tsx";
import { Table } from "../layout.tsx";
import type { Deployability } from "../load/deployments.ts";
import { type Cell, type Comparison, type Releases, workingTree } from "../load/releases.ts";
import type { Page } from "../page.ts";

const anchorOf = ({ from, to }: { from: string; to: string }) => `${from}-to-${to}`.replaceAll(/[^a-z0-9]+/gi, "-");

function Matrix(
  { releases, matrix }: { releases: Releases["releases"]; matrix: Cell[] },
) {
  const readers = [...new Set(matrix.map(({ consumer }) => consumer))];
  return (
    <Table
      label="Producer and consumer versions"
      head={[
        "Messages of producer",
        ...readers.map((name) => `consumer ${name}`),
      ]}
    >
      {releases.map(({ version }) => (
        <tr>
          <th scope="row">{version}</th>
          {matrix.filter(({ producer }) => producer === version).map((
            { understood, of },
          ) => (
            <td class={understood === of ? "yes" : "no"}>
              {understood} of {of} understood
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

function Changes({ comparison }: { comparison: Comparison }) {
  const { from, to, changes } = comparison;
  return (
    <>
      <h3 id={anchorOf(comparison)}>{from} → {to}</h3>
      {changes.length === 0 ? <p>Nothing changed.</p> : (
        <Table
          label={`Changes from ${from} to ${to}`}
          head={["Verdict", "Change", "Breaks"]}
        >
          {changes.map(({ verdict, what, event, breaks, because }) => (
            <tr>
              <th scope="row" class={verdict === "MAJOR" ? "no" : "yes"}>
                {verdict}
              </th>
              <td>
                {inline(what)} {event ? <code class="chip">{event}</code> : null}
                {because ? <span class="constraint">{because}</span> : null}
              </td>
              <td>
                {breaks.map(({ job, place }) => `${job} (${place})`).join(
                  ", ",
                ) || "nobody"}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function Gate({ answers }: Pick<Deployability, "answers">) {
  if (answers.length === 0) return <p>No deployment has been recorded.</p>;
  return (
    <Table
      label="Answers of the deploy gate"
      head={["Service at HEAD", "Environment", "Can it be deployed?"]}
    >
      {answers.map(({ service, environment, answer }) => (
        <tr>
          <th scope="row">{service}</th>
          <td>{environment}</td>
          <td class={answer.deployable ? "yes" : "no"}>
            {answer.deployable ? "yes" : answer.reasons.map(({ text }) => text).join("; ")}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Which versions work together, and what changed between any two. */
export function compatibilityPage(
  { releases, comparisons, matrix }: Releases,
  { verifications, answers }: Deployability,
): Page {
  return {
    path: "contracts/compatibility.html",
    title: "Compatibility",
    section: "Contracts",
    summary: "Which versions of producer and consumer work together, and what changed between any two releases.",
    body: (link) => (
      <>
        <h1>Compatibility</h1>
        <p class="lead">
          The two services are released apart. A release keeps both documents and the messages that its producer really
          published; everything here is computed from those.
        </p>
        <h2 id="matrix">Versions</h2>
        <p>
          The golden messages of each release, held against the schemas of each version of the contract.{" "}
          <code>npm run contracts -- replay</code> also hands them to today's consumer.
        </p>
        <Matrix releases={releases} matrix={matrix} />

        <h2 id="gate">Deploy gate</h2>
        <Gate answers={answers} />
        <h3 id="verifications">Verifications</h3>
        {verifications.length === 0 ? <p>None has been recorded.</p> : (
          <Table
            label="Verifications"
            head={["Producer", "Consumer", "Pact", "Interactions", "Result"]}
          >
            {verifications.flatMap(({ producer, consumer, results }) =>
              Object.entries(results).map((
                [name, { interactions, success }],
              ) => (
                <tr>
                  <th scope="row">
                    <code>{producer.slice(0, 12)}</code>
                  </th>
                  <td>
                    <code>{consumer.slice(0, 12)}</code>
                  </td>
                  <td>
                    <a
                      href={link(
                        `jobs/${name.replace("appointment-", "")}.html#pact`,
                      )}
                    >
                      {name}
                    </a>
                  </td>
                  <td>{interactions}</td>
                  <td class={success ? "yes" : "no"}>
                    {success ? "passed" : "failed"}
                  </td>
                </tr>
              ))
            )}
          </Table>
        )}

        <h2 id="changes">What changed</h2>
        <p>
          From the point of view of both sides: what the old producer wrote is read by the new consumer, and the other
          way about. The same for any git revision: <code>npm run contracts -- diff BASE</code>.
        </p>
        {comparisons.length === 0 ? <p>Nothing has been released but the {workingTree}.</p> : null}
        {comparisons.map((comparison) => <Changes comparison={comparison} />)}
      </>
    ),
  };
}
