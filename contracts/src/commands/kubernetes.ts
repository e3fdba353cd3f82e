import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "../command.ts";
import { renderKubernetes } from "../kubernetes/kubernetes-files.ts";
import { workingTree } from "../working-tree.ts";

export const kubernetes: Command = {
  summary: "Writes what Kubernetes has of the contracts: topology, users, alerts, a Deployment for each job, scaling",
  usage: {
    positionals: [],
    flags: { check: "write nothing; fail when a file is not what the documents say" },
    markdown: false,
  },
  help: `Writes the folders generated/ of deploy/kubernetes/: objects of RabbitMQ's Messaging Topology Operator from the
AsyncAPI documents, deploy/prometheus/alerts.yml as a PrometheusRule, and for each job a Deployment and a ScaledObject.`,
  async run({ root, flags }) {
    const files = renderKubernetes(workingTree(root));
    const stale = [];
    for (const [file, wanted] of files) {
      const path = join(root, file);
      if (await readFile(path, "utf8").catch(() => undefined) === wanted) continue;
      stale.push(file);
      if (flags.has("check")) continue;
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, wanted);
    }
    if (!flags.has("check")) return { findings: [], summary: `${stale.length} of ${files.size} files written` };
    const reason = "not what the documents say: run npm run contracts -- kubernetes";
    return {
      findings: stale.map((file) => ({ level: "error", file, pointer: "", reason })),
      summary: stale.length === 0 ? `${files.size} files are up to date` : `${stale.length} files are stale`,
    };
  },
};
