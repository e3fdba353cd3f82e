import * as v from "valibot";
import type { OpsOptions } from "../replay/read-pages.ts";
import type { Patient } from "./patient.ts";

const timeoutMs = 60_000;
const exported = v.looseObject({ appointments: v.array(v.looseObject({ id: v.string() })) });

export type ProducersPart = v.InferOutput<typeof exported>;

/** What the producer keeps of the patient. No error quotes who was asked for, or what was answered. */
export async function askProducer({ url, key }: OpsOptions, { email, phone }: Patient): Promise<ProducersPart> {
  const address = new URL("v1/patients/export", url.endsWith("/") ? url : `${url}/`);
  const response = await fetch(address, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(email === undefined ? { patientPhone: phone } : { patientEmail: email }),
    signal: AbortSignal.timeout(timeoutMs),
    redirect: "error",
  }).catch((error: Error & { cause?: Error }) => {
    throw new Error(`POST ${address} failed: ${error.cause?.message ?? error.message}`, { cause: error });
  });
  if (response.ok) return v.parse(exported, await response.json());
  await response.body?.cancel();
  const needed = response.status === 403 ? ": PRODUCER_OPS_KEY needs the scope export" : "";
  throw new Error(`POST ${address} answered ${response.status}${needed}`);
}
