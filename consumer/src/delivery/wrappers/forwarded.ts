import { header } from "../../broker/headers.ts";
import type { Processed } from "../../telemetry/process-span.ts";
import type { Forward } from "../forward.ts";
import { type Concluded, type Handle, isVerdict } from "./delivery.ts";

/** Forwards what is not done with; that may take as long as the broker refuses it. */
export function forwarded(forward: Forward) {
  return (next: Handle<Concluded>): Handle<Processed> => async (delivery) => {
    const concluded = await next(delivery);
    if (!isVerdict(concluded)) return { outcome: concluded.kind };
    await forward(delivery.message, concluded, delivery.log, delivery.gone);
    return { outcome: concluded.kind, errorClass: concluded.headers[header.errorClass] as string | undefined };
  };
}
