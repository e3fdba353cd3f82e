import { Hono } from "hono";
import type { Sql } from "postgres";
import type { Config } from "../../config.ts";
import { issueReceipt, NoReceipt } from "../../jobs/audit/issue-receipt.ts";
import { ReceiptError } from "../../jobs/audit/receipt.ts";
import type { AuditedRow } from "../../timeline/timeline.ts";
import type { OpsEnv } from "../access/guard.ts";

export const receiptPath = ({ eventKey, position }: AuditedRow) =>
  `/ops/audit/receipt/${encodeURIComponent(eventKey)}?position=${position}`;

export const receiptName = ({ eventKey, position }: AuditedRow) =>
  `receipt-${eventKey.replaceAll(/[^\w.~-]/g, "_")}-${position}.tlog-proof`;

/** The proof of a row of the audit trail, as a file: `consumer audit receipt`. A row says nothing personal. */
export function createReceiptRoutes({ sql, audit }: { sql: Sql; audit: Config["audit"] }): Hono<OpsEnv> {
  const app = new Hono<OpsEnv>();
  app.get("/audit/receipt/:event", async (context) => {
    const eventKey = context.req.param("event");
    const position = context.req.query("position");
    context.set("resource", eventKey);
    if (position !== undefined && !/^[1-9]\d{0,14}$/.test(position)) {
      return context.text("This is not the position of a row.\n", 400);
    }
    const asked = position === undefined ? undefined : Number(position);
    try {
      const { row, receipt } = await issueReceipt(sql, audit, { eventKey, position: asked });
      const name = receiptName({ eventKey, position: row.position });
      context.header("content-disposition", `attachment; filename="${name}"`);
      return context.body(receipt, 200, { "content-type": "text/plain; charset=utf-8" });
    } catch (error) {
      if (error instanceof NoReceipt) return context.text(`${error.message}\n`, 404);
      // Not signed yet, or not what was signed: verification says which.
      if (error instanceof ReceiptError) return context.text(`There is no receipt: ${error.message}.\n`, 409);
      throw error;
    }
  });
  return app;
}
