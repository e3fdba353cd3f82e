import { join } from "node:path";
import { pathToFileURL } from "node:url";

export type Services = Awaited<ReturnType<typeof loadServices>>;

/** The code of both services as it stands below `root`: this checkout, or a weakened copy of it. */
export async function loadServices(root: string) {
  const load = async <Module>(path: string): Promise<Module> =>
    await import(/* @vite-ignore */ pathToFileURL(join(root, path)).href);
  return {
    ...await load<typeof import("../../producer/src/outbox/relay-loop.ts")>("producer/src/outbox/relay-loop.ts"),
    ...await load<typeof import("../../producer/src/outbox/relay.ts")>("producer/src/outbox/relay.ts"),
    ...await load<typeof import("../../producer/src/outbox/recorder.ts")>("producer/src/outbox/recorder.ts"),
    ...await load<typeof import("../../producer/src/outbox/probe.ts")>("producer/src/outbox/probe.ts"),
    ...await load<typeof import("../../producer/src/outbox/leadership.ts")>("producer/src/outbox/leadership.ts"),
    ...await load<typeof import("../../producer/src/outbox/outbox-store.ts")>("producer/src/outbox/outbox-store.ts"),
    relayPublisher: await load<typeof import("../../producer/src/amqp/publisher.ts")>("producer/src/amqp/publisher.ts"),
    ...await load<typeof import("../../consumer/src/delivery/job-consumers.ts")>(
      "consumer/src/delivery/job-consumers.ts",
    ),
    ...await load<typeof import("../../consumer/src/postgres/job-pauses.ts")>("consumer/src/postgres/job-pauses.ts"),
    ...await load<typeof import("../../consumer/src/broker/publisher.ts")>("consumer/src/broker/publisher.ts"),
    ...await load<typeof import("../../consumer/src/broker/topology.ts")>("consumer/src/broker/topology.ts"),
    ...await load<typeof import("../../consumer/src/jobs/availability/availability.ts")>(
      "consumer/src/jobs/availability/availability.ts",
    ),
    ...await load<typeof import("../../consumer/src/jobs/analytics/analytics.ts")>(
      "consumer/src/jobs/analytics/analytics.ts",
    ),
  };
}
