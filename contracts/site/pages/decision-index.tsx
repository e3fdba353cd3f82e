/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Guide } from "../load/guides.ts";
import type { Page } from "../page.ts";
import { Table } from "../table.tsx";

export function decisionIndexPage(decisions: Guide[]): Page {
  return {
    path: "decisions/index.html",
    title: "All decisions",
    section: "Decisions",
    summary: "Why the system is as it is: the decision records, with what was considered and what follows.",
    body: (link) => (
      <>
        <h1>Decisions</h1>
        <p class="lead">Why the system is as it is, what else was considered, and what follows.</p>
        <Table label="Decisions" head={["Decision", "Status"]}>
          {decisions.map((decision) => (
            <tr>
              <th scope="row">
                <a href={link(decision.path)}>{decision.title}</a>
              </th>
              <td>{decision.status}</td>
            </tr>
          ))}
        </Table>
      </>
    ),
  };
}
