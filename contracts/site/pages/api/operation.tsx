/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Code, inline } from "../../code.tsx";
import { FieldsTable } from "../../fields-table.tsx";
import { listAnswers, listBodies } from "../../load/answers.ts";
import type { ApiCall } from "../../load/curl.ts";
import { constraintsOf, typeOf } from "../../load/fields.ts";
import type { OpenApi } from "../../load/openapi.ts";
import { Table } from "../../table.tsx";
import { Answers } from "./answers.tsx";

type Link = (to: string) => string;

function Parameters({ api, call: { operation, parameters } }: { api: OpenApi; call: ApiCall }) {
  if (parameters.length === 0) return null;
  return (
    <>
      <h3>Parameters</h3>
      <Table label={`Parameters of ${operation.operationId}`} head={["Parameter", "Type", "Meaning"]}>
        {parameters.map(({ name, in: place, required, schema = {}, description }) => (
          <tr>
            <th scope="row">
              <code>{name}</code>{" "}
              <span class={required ? "required" : "optional"}>{place}, {required ? "required" : "optional"}</span>
            </th>
            <td>
              <code class="type">{typeOf(api, schema)}</code>
            </td>
            <td>
              {inline(description ?? schema.description ?? "")}
              {constraintsOf(schema).map((constraint) => <span class="constraint">{constraint}</span>)}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function RequestBody({ api, call: { operation }, link }: { api: OpenApi; call: ApiCall; link: Link }) {
  const bodies = listBodies(api, operation.requestBody?.content);
  const [first] = bodies;
  if (!first) return null;
  return (
    <>
      <h3>Body</h3>
      <p class="media">
        {bodies.map(({ mediaType }, index) => (
          <>
            {index > 0 ? " or " : ""}
            <code>{mediaType}</code>
          </>
        ))}
        {first.fields.length === 0 ? ": an empty object" : ""}
      </p>
      {first.fields.length === 0 ? null : (
        <FieldsTable
          label={`Body of ${operation.operationId}`}
          anchor={`${operation.operationId}-body`}
          fields={first.fields}
          link={link}
        />
      )}
    </>
  );
}

/** One operation: how to call it, and all that it may answer. */
export function Operation({ api, call, link }: { api: OpenApi; call: ApiCall; link: Link }) {
  const { method, path, operation, curl } = call;
  return (
    <section class="operation" id={operation.operationId} aria-label={operation.summary}>
      <h2>{operation.summary}</h2>
      <p class="address">
        <span class={`method ${method}`}>{method.toUpperCase()}</span> <code>{path}</code>{" "}
        {operation.security?.length === 0 ? <span class="chip">without credentials</span> : null}
      </p>
      {operation.description?.split("\n\n").map((paragraph) => <p>{inline(paragraph)}</p>)}
      <Code language="bash" label="Request">{curl}</Code>
      <Parameters api={api} call={call} />
      <RequestBody api={api} call={call} link={link} />
      <Answers answers={listAnswers(api, operation)} operation={operation.operationId} link={link} />
    </section>
  );
}
