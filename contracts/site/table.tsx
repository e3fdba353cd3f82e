/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";

/** For the style sheet, which names the cells of a row where a narrow screen shows them one below the other. */
export function columnNames(head: string[]): string {
  return head.map((title, index) => `--column-${index + 1}:${JSON.stringify(title)}`).join(";");
}

/** A table that scrolls by itself, by keyboard too; on a narrow screen its rows become cards. */
export function Table(
  { label, head, children }: { label: string; head: string[]; children: Child },
) {
  return (
    <div class="table cards" role="region" aria-label={label} tabindex={0}>
      <table style={columnNames(head)} class={head.length === 2 ? "pairs" : undefined}>
        <thead>
          <tr>{head.map((title) => title ? <th scope="col">{title}</th> : <td></td>)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
