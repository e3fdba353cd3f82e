import * as v from "valibot";
import { type OpsOptions, requestProducer } from "../replay/request-producer.ts";
import type { Patient } from "./patient.ts";

const timeoutMs = 60_000;
const exported = v.looseObject({ appointments: v.array(v.looseObject({ id: v.string() })) });

export type ProducersPart = v.InferOutput<typeof exported>;

/** What the producer keeps of the patient. No error quotes who was asked for, or what was answered. */
export async function askProducer(producer: OpsOptions, { email, phone }: Patient): Promise<ProducersPart> {
  const body = email === undefined ? { patientPhone: phone } : { patientEmail: email };
  const answer = await requestProducer(producer, { path: "v1/patients/export", body, timeoutMs });
  if (answer.ok) return v.parse(exported, JSON.parse(answer.text));
  const needed = answer.status === 403 ? ": PRODUCER_OPS_KEY needs the scope export" : "";
  throw new Error(`POST ${answer.address} answered ${answer.status}${needed}`);
}
