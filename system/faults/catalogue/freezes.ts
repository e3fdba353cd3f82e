import type { Fault } from "../fault.ts";
import type { ServiceName } from "../scene.ts";
import type { ServerName } from "../servers.ts";

/** SIGSTOP: a process that is there and does nothing, as on a machine that is out of memory or was moved. */
const serviceFrozen = (name: ServiceName): Fault => ({
  name: `${name}-frozen`,
  inject: ({ freeze, service, random }) => freeze(service(name).pid, 1_000 + random() * 5_000),
});

const serverFrozen = (name: ServerName): Fault => ({
  name: `${name}-frozen`,
  inject: ({ freeze, servers, random }) => freeze(servers.pid(name), 1_000 + random() * 5_000),
});

export const freezes: Fault[] = [
  serviceFrozen("producer"),
  serviceFrozen("consumer"),
  serverFrozen("rabbitmq"),
  serverFrozen("postgres"),
  {
    // Longer than its lease: the other one leads, and what the first one wakes up with is fenced off.
    name: "two-relays",
    times: 1,
    async inject({ clinic, service, startRelay, freeze, random, wait }) {
      const second = await startRelay();
      await wait(200, 1_000);
      const [lease] = await clinic.producerSql`SELECT holder FROM relay_lease`;
      const first = service("producer");
      const leader = String(lease?.holder).includes(String(second.pid)) ? second : first;
      await freeze(leader.pid, 6_000 + random() * 2_000);
      await wait(500, 1_500);
      await second.stop("SIGKILL");
    },
  },
];
