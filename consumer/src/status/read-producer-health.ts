import * as v from "valibot";
import { type OpsOptions, requestProducer } from "../replay/request-producer.ts";
import type { Impairment } from "./status.ts";

const timeoutMs = 5_000;
const dependencies = ["database", "broker", "topology", "patientKeys"] as const;
const readiness = v.looseObject({ reasons: v.record(v.string(), v.string()) });

export interface ProducerHealth {
  impairments: Impairment[];
  /** What its clock said, to the second. */
  clock: Date | undefined;
}

/** What the producer's own readiness names, where its probes are at that address; and its clock. */
export async function readProducerHealth(producer: OpsOptions): Promise<ProducerHealth> {
  const { text, date } = await requestProducer(producer, { path: "readyz", timeoutMs });
  const clock = date === undefined ? undefined : new Date(date);
  const said = v.safeParse(v.pipe(v.string(), v.parseJson(), readiness), text);
  return { impairments: said.success ? impairmentsOf("producer", said.output) : [], clock };
}

/** What a readiness names as not up. */
export function impairmentsOf(
  whose: Impairment["whose"],
  { reasons, ...states }: { reasons: Partial<Record<string, string>>; [name: string]: unknown },
): Impairment[] {
  return dependencies.flatMap((dependency) => {
    const state = states[dependency];
    if (typeof state !== "string" || state === "up") return [];
    return [{ whose, dependency, state, reason: reasons[dependency] ?? "no reason told" }];
  });
}
