/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code, inline } from "../../code.tsx";
import { FieldsTable } from "../../fields-table.tsx";
import type { ApiAnswer, Body } from "../../load/answers.ts";
import { Table } from "../../table.tsx";

type Link = (to: string) => string;

const tone = (status: string) => status.startsWith("2") || status.startsWith("3") ? "good" : "bad";

function Status({ status }: { status: string }) {
  return <span class={`badge ${tone(status)}`}>{status}</span>;
}

function BodyOf({ body, label, link }: { body: Body; label: string; link: Link }) {
  const { mediaType, name, fields, example } = body;
  return (
    <>
      <p class="media">
        <code>{mediaType}</code> {fields.length > 0 ? "" : `(${name})`}
      </p>
      {fields.length === 0 ? null : (
        <details class="schema">
          <summary>
            {name === "object" ? "Its fields" : <code>{name}</code>}, {fields.length} fields
          </summary>
          <FieldsTable label={`Fields of ${label}`} fields={fields} link={link} />
        </details>
      )}
      {example === undefined
        ? null
        : (
          <Code language={mediaType.includes("json") ? "json" : "text"} label={`Answer of ${label}`}>
            {typeof example === "string" ? example : JSON.stringify(example, null, 2)}
          </Code>
        )}
    </>
  );
}

function Headers({ headers, label }: { headers: ApiAnswer["headers"]; label: string }) {
  if (headers.length === 0) return null;
  return (
    <Table label={`Headers of ${label}`} head={["Header", "Meaning", "Example"]}>
      {headers.map(({ name, description, example }) => (
        <tr>
          <th scope="row">
            <code>{name}</code>
          </th>
          <td>{inline(description)}</td>
          <td>{example ? <code>{example}</code> : ""}</td>
        </tr>
      ))}
    </Table>
  );
}

function Problems({ answers, operation, link }: { answers: ApiAnswer[]; operation: string; link: Link }) {
  if (answers.length === 0) return null;
  return (
    <Table label={`Problems of ${operation}`} head={["Status", "Problem", "When"]}>
      {answers.flatMap(({ status, problems, description }) =>
        problems.length === 0
          ? [
            <tr>
              <th scope="row">
                <Status status={status} />
              </th>
              <td></td>
              <td>{inline(description)}</td>
            </tr>,
          ]
          : problems.map(({ code, title }) => (
            <tr>
              <th scope="row">
                <Status status={status} />
              </th>
              <td>
                <a href={link(`api/index.html#problem-${code}`)}>
                  <code>{code}</code>
                </a>
              </td>
              <td>{title}</td>
            </tr>
          ))
      )}
    </Table>
  );
}

/** The headers of the problems, each once, with the statuses that it comes with. */
function ProblemHeaders({ answers, operation }: { answers: ApiAnswer[]; operation: string }) {
  const headers = answers.flatMap(({ headers }) => headers);
  const distinct = [...new Map(headers.map((header) => [header.name, header])).values()];
  if (distinct.length === 0) return null;
  const statuses = (name: string) =>
    answers.filter((answer) => answer.headers.some((header) => header.name === name)).map(({ status }) => status);
  return (
    <Table label={`Headers of the problems of ${operation}`} head={["Header", "With", "Meaning", "Example"]}>
      {distinct.map(({ name, description, example }) => (
        <tr>
          <th scope="row">
            <code>{name}</code>
          </th>
          <td>{statuses(name).length === answers.length ? "every problem" : statuses(name).join(", ")}</td>
          <td>{inline(description)}</td>
          <td>{example ? <code>{example}</code> : ""}</td>
        </tr>
      ))}
    </Table>
  );
}

/** What an operation answers: first what it does when all is well, with headers and body, then its problems. */
export function Answers({ answers, operation, link }: { answers: ApiAnswer[]; operation: string; link: Link }) {
  const well = answers.filter(({ status }) => tone(status) === "good");
  const problems = answers.filter(({ status }) => tone(status) === "bad");
  return (
    <>
      {well.map((answer) => (
        <div class="answer">
          <h3>
            <Status status={answer.status} /> {inline(answer.description)}
          </h3>
          <Headers headers={answer.headers} label={`${operation}, ${answer.status}`} />
          {answer.bodies.map((body) => <BodyOf body={body} label={`${operation}, ${answer.status}`} link={link} />)}
        </div>
      ))}
      <h3>Problems</h3>
      <p>
        Each is a <a href={link("api/index.html#problem-document")}>problem document</a>.
      </p>
      <Problems answers={problems} operation={operation} link={link} />
      <ProblemHeaders answers={problems} operation={operation} />
    </>
  );
}
