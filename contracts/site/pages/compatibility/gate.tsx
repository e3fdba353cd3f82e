/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Reason } from "../../../src/deploy/can-i-deploy.ts";
import type { Deployability, GateAnswer } from "../../load/deployments.ts";
import { Table } from "../../table.tsx";

const list = new Intl.ListFormat("en");

/** A tree hash in full is for machines, and what is said of one job after the other is said once. */
function readable(reasons: Reason[]): string[] {
  const patterns = reasons.map(({ consumer, text }) => ({
    consumer,
    pattern: text.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{28,}\b/g, "$1").replaceAll(consumer, "JOBS"),
  }));
  return [...new Set(patterns.map(({ pattern }) => pattern))].map((pattern) => {
    const said = patterns.filter((one) => one.pattern === pattern);
    return pattern.replaceAll("JOBS", list.format(said.map(({ consumer }) => consumer.replace("appointment-", ""))));
  });
}

function Answers({ answers, label, place }: { answers: GateAnswer[]; label: string; place: string }) {
  return (
    <Table label={label} head={[place, "Service at HEAD", "May it go there?", "Because"]}>
      {answers.map(({ service, place, answer: { deployable, reasons, rows } }) => (
        <tr>
          <th scope="row">{place}</th>
          <td>{service}</td>
          <td>
            <span class={deployable ? "badge good" : "badge bad"}>{deployable ? "yes" : "no"}</span>
          </td>
          <td>
            {deployable
              ? `all ${rows.length} pacts are verified`
              : readable(reasons).map((reason) => <div>{reason}</div>)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** What `can-i-deploy` answers for HEAD: to each environment, and to where each release would run. */
export function Gate({ answers, beside }: Pick<Deployability, "answers" | "beside">) {
  return (
    <>
      <p>
        A version may go where every pact between it and what runs there is verified. The same on the command line:{" "}
        <code>npm run contracts -- can-i-deploy --participant consumer --to production</code>.
      </p>
      {answers.length === 0
        ? (
          <p class="empty">
            No deployment has been recorded. The producer may go first, to anywhere; after it{" "}
            <code>npm run contracts -- record-deployment --participant producer --to production</code>{" "}
            writes down what runs where, and the answers for this revision are here.
          </p>
        )
        : <Answers answers={answers} label="Answers of the deploy gate" place="Environment" />}
      {beside.length === 0 ? null : (
        <>
          <h3 id="beside">Beside a release</h3>
          <p>What the gate would say, if a release ran there.</p>
          <Answers answers={beside} label="Answers beside a release" place="Where this runs" />
        </>
      )}
    </>
  );
}
