/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inline } from "../../code.tsx";
import { FieldsTable } from "../../fields-table.tsx";
import { listProblems } from "../../load/answers.ts";
import type { ApiCall } from "../../load/curl.ts";
import { openApiFile } from "../../load/downloads.ts";
import { listFields } from "../../load/fields.ts";
import type { OpenApi } from "../../load/openapi.ts";
import { Table } from "../../table.tsx";

type Link = (to: string) => string;

/** Where an operation is described. */
export function operationPath({ operation }: Pick<ApiCall, "operation">): string {
  return `${tagPath(tagOf(operation))}#${operation.operationId}`;
}

export function tagOf({ tags = [] }: ApiCall["operation"]): string {
  return tags[0] ?? "Other";
}

export function tagPath(tag: string): string {
  return `api/${tag.toLowerCase().replaceAll(/\W+/g, "-")}.html`;
}

function OperationList({ calls, label, link }: { calls: ApiCall[]; label: string; link: Link }) {
  return (
    <Table label={label} head={["Operation", "Address"]}>
      {calls.map((call) => (
        <tr>
          <th scope="row">
            <a href={link(operationPath(call))}>{call.operation.summary}</a>
          </th>
          <td>
            <span class={`method ${call.method}`}>{call.method.toUpperCase()}</span> <code>{call.path}</code>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function ProblemCatalogue({ api, calls, link }: { api: OpenApi; calls: ApiCall[]; link: Link }) {
  const problems = listProblems(api, calls.map(({ operation }) => operation));
  return (
    <Table label="Problems" head={["Problem", "Status", "Meaning", "Answered by"]}>
      {problems.map(({ code, type, status, title, operations }) => (
        <tr id={`problem-${code}`}>
          <th scope="row">
            <code>{code}</code>
          </th>
          <td>
            <span class="badge bad">{status}</span>
          </td>
          <td>
            {title}
            <span class="constraint">{type}</span>
          </td>
          <td>
            {operations.length === calls.length
              ? "all operations"
              : operations.length > 3
              ? `${operations.length} operations`
              : operations.map((operation) => (
                <a href={link(operationPath({ operation }))} title={operation.summary}>
                  <code class="chip">{operation.operationId}</code>
                </a>
              ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** What all operations have in common, the list of them, and the catalogue of problems. */
export function ApiOverview({ api, calls, link }: { api: OpenApi; calls: ApiCall[]; link: Link }) {
  const tags = [...new Set(calls.map(({ operation }) => tagOf(operation)))];
  const problem = api.components?.schemas?.["Problem"];
  return (
    <>
      <h1>REST reference</h1>
      <p class="lead">{inline(api.info.description ?? "")}</p>
      <p>
        {calls.length} operations, version{" "}
        {api.info.version}, generated from the routes and schemas that serve them. Each request is a line for the shell,
        and a test runs each of them. The variables are <code>$API</code> and <code>$API_KEY</code> as{" "}
        <code>npm start</code>{" "}
        prints them, and ids, dates (<code>2030-12-02T00:00:00Z</code>) and the entity tag (<code>$ETAG</code>) of an
        earlier answer.
      </p>
      <p>
        To download, for programs: <a href={link(openApiFile)} download>openapi.json</a>. A client for TypeScript is in
        {" "}
        <code>producer/client</code>.
      </p>
      {tags.map((tag) => (
        <>
          <h2 id={`tag-${tag.toLowerCase()}`}>{tag}</h2>
          <p>{inline(api.tags?.find(({ name }) => name === tag)?.description ?? "")}</p>
          <OperationList
            label={`Operations: ${tag}`}
            calls={calls.filter(({ operation }) => tagOf(operation) === tag)}
            link={link}
          />
        </>
      ))}
      <h2 id="problems">Problems</h2>
      <p>Every failure is a problem document (RFC 9457). A program decides by its type.</p>
      <ProblemCatalogue api={api} calls={calls} link={link} />
      <h2 id="problem-document">The problem document</h2>
      <p>
        <code>application/problem+json</code>
      </p>
      {problem
        ? <FieldsTable label="Problem" anchor="problem-field" fields={listFields(api, problem)} link={link} />
        : null}
    </>
  );
}
