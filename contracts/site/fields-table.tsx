/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { Table } from "./layout.tsx";
import type { Field } from "./load/fields.ts";
import type { Reader } from "./load/model.ts";

function Readers(
  { readers, link }: { readers: Reader[]; link: (to: string) => string },
) {
  if (readers.length === 0) return <span class="none">nobody</span>;
  return (
    <>
      {readers.map(({ job, proven }) => (
        <a
          class={proven ? "reader proven" : "reader"}
          href={link(`jobs/${job}.html`)}
          title={proven ? "proven by its pact" : "declared"}
        >
          {job}
        </a>
      ))}
    </>
  );
}

/** The fields of a message: type, format, required, personal data, and who is proven to read each. */
export function FieldsTable(props: {
  label: string;
  anchor: string;
  fields: Field[];
  readers?: Map<string, Reader[]>;
  link: (to: string) => string;
}) {
  const { label, anchor, fields, readers, link } = props;
  return (
    <Table
      label={label}
      head={["Field", "Type", "Meaning", ...(readers ? ["Read by"] : [])]}
    >
      {fields.map((field) => (
        <tr
          id={`${anchor}-${field.path.replaceAll(/[^a-zA-Z0-9]+/g, "-").replace(/-$/, "")}`}
        >
          <th scope="row" class={`depth-${field.depth}`}>
            <code>{field.name}</code>
            <span class={field.required ? "required" : "optional"}>
              {field.required ? "required" : "optional"}
            </span>
          </th>
          <td>
            <code>{field.type}</code>
            {field.personalData ? <span class="personal">personal data</span> : null}
          </td>
          <td>
            {field.description}
            {field.constraints.map((constraint) => <span class="constraint">{constraint}</span>)}
          </td>
          {readers
            ? (
              <td>
                <Readers readers={readers.get(field.path) ?? []} link={link} />
              </td>
            )
            : null}
        </tr>
      ))}
    </Table>
  );
}
