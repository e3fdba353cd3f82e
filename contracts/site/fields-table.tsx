/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import { inline } from "./code.tsx";
import type { Field } from "./load/fields.ts";
import type { Reader } from "./load/model.ts";
import { Table } from "./table.tsx";

type Link = (to: string) => string;

/** Who receives the message: where all of them read a field, one word says so. */
function Readers({ readers, receivers, link }: { readers: Reader[]; receivers: number; link: Link }) {
  if (readers.length === 0) return <span class="none">nobody</span>;
  const groups = [true, false].map((proven) => readers.filter((reader) => reader.proven === proven));
  return (
    <>
      {groups.flatMap((group) => {
        const proven = group[0]?.proven ? "proven" : "declared";
        const css = proven === "proven" ? "reader proven" : "reader";
        if (receivers > 1 && group.length === receivers) {
          const names = group.map(({ job }) => job).join(", ");
          return [<span class={css} title={`${proven}: ${names}`}>all {receivers} jobs</span>];
        }
        return group.map(({ job }) => <a class={css} href={link(`jobs/${job}.html`)} title={proven}>{job}</a>);
      })}
    </>
  );
}

function idOf(anchor: string, { path }: Field): string {
  return `${anchor}-${path.replaceAll(/[^a-zA-Z0-9]+/g, "-").replace(/-$/, "")}`;
}

/**
 * The fields of a message or a body: type, format, required, personal data, and where there are `readers`, who is proven
 * to read each. Rows get ids, and so are found by the search, where there is an `anchor`.
 */
export function FieldsTable(props: {
  label: string;
  fields: Field[];
  anchor?: string;
  reading?: { readers: Map<string, Reader[]>; receivers: number };
  link: Link;
}) {
  const { label, anchor, fields, reading, link } = props;
  return (
    <Table label={label} head={["Field", "Type", "Meaning", ...(reading ? ["Read by"] : [])]}>
      {fields.map((field) => (
        <tr id={anchor ? idOf(anchor, field) : undefined}>
          <th scope="row" class={`depth-${Math.min(field.depth, 4)}`}>
            <code>{field.name}</code>{" "}
            <span class={field.required ? "required" : "optional"}>{field.required ? "required" : "optional"}</span>
          </th>
          <td>
            <code class="type">{field.type}</code>{" "}
            {field.personalData ? <span class="personal">personal data</span> : null}
          </td>
          <td>
            {inline(field.description)}
            {field.constraints.map((constraint) => <span class="constraint">{constraint}</span>)}
          </td>
          {reading
            ? (
              <td>
                <Readers
                  readers={reading.readers.get(field.path) ?? []}
                  receivers={reading.receivers}
                  link={link}
                />
              </td>
            )
            : null}
        </tr>
      ))}
    </Table>
  );
}
