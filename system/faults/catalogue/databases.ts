import postgres from "postgres";
import type { Fault } from "../fault.ts";
import type { Scene, ServiceName } from "../scene.ts";

/** As a provider does on a full disk, and as a standby is. */
async function setReadOnly(scene: Scene, name: ServiceName, to: "on" | "off"): Promise<void> {
  const service = name === "producer" ? scene.clinic.producerSql : scene.clinic.consumerSql;
  const { database } = service.options;
  const admin = postgres(scene.servers.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`ALTER DATABASE ${database} SET default_transaction_read_only = ${to}`);
    // Sessions that are there keep what they began with; of those that only read, the services rid themselves.
    if (to === "on") await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${database}`;
  } finally {
    await admin.end();
  }
}

const readOnly = (name: ServiceName): Fault => ({
  name: `${name}-database-read-only`,
  async inject(scene) {
    await setReadOnly(scene, name, "on");
    await scene.wait(1_500, 5_000);
    await setReadOnly(scene, name, "off");
  },
  times: 1,
});

export const databases: Fault[] = [readOnly("producer"), readOnly("consumer")];
