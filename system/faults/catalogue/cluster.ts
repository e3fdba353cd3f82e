import { callManagement } from "../../stack/rabbitmq-management.ts";
import { waitUntilComplete } from "../../stack/rabbitmq-cluster.ts";
import type { Fault } from "../fault.ts";

const nodes = ["rabbit-1", "rabbit-2", "rabbit-3"];

/** What two of three nodes have to bear. */
export const cluster: Fault[] = [{
  name: "leader-killed",
  needsCluster: true,
  async inject({ servers, vhost, random, wait }) {
    const { managementUrl, kill, restart } = servers.cluster!;
    const queues = await callManagement(managementUrl, "GET", `/api/queues/${vhost}`) as { leader?: string }[];
    const leaders = queues.flatMap(({ leader }) => leader ?? []);
    const leader = leaders[Math.floor(random() * leaders.length)]!;
    const victim = nodes.findIndex((name) => leader.startsWith(`${name}@`));
    await kill(victim);
    await wait(2_000, 6_000);
    await restart(victim);
    await waitUntilComplete(managementUrl);
  },
}];
