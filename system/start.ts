import { renameSync, rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import process from "node:process";
import { addresses } from "./addresses.ts";
import { startControl } from "./control.ts";
import { createParts } from "./parts.ts";
import { requireNoRehearsal } from "./rehearsals/rehearsal-file.ts";
import { bookingExample } from "./booking-example.ts";
import { createDoctor, doctor, waitUntilDoctorIsKnown } from "./doctor.ts";
import { readIncident, showIncident, tellsOf } from "./incident.ts";
import { localFiles } from "./local-files.ts";
import { requireOwnFiles } from "./own-files.ts";
import { runSession } from "./session.ts";
import { claimPidFile, livingHolder, removePidFile } from "./stack/pid-file.ts";
import { StackError } from "./stack/stack-error.ts";
import { chooseServicePorts } from "./service-ports.ts";
import { recall, startServers } from "./start-servers.ts";
import { startServices } from "./start-services.ts";

await runSession(async (session) => {
  const { releases, report, signal } = session;
  const { values } = parseArgs({
    options: {
      fresh: { type: "boolean", default: false },
      cluster: { type: "boolean", default: false },
      incident: { type: "string" },
    },
  });
  const incident = values.incident === undefined ? undefined : readIncident(values.incident);
  requireOwnFiles();
  if (!claimPidFile(localFiles.lock, process.pid)) {
    const holder = livingHolder(localFiles.lock);
    throw new StackError(
      `npm start already runs in this checkout, as process ${holder}: stop it there with Ctrl-C, or with npm run stop`,
    );
  }
  releases.add("the lock", () => removePidFile(localFiles.lock));

  if (values.fresh) requireNoRehearsal("npm start without --fresh first");
  const memory = await recall(values);
  const ports = await chooseServicePorts(memory);
  const parts = createParts();
  const servers = await startServers({ ...session, ...values, memory, parts });
  const services = await startServices({ ...session, ...values, servers, ports, parts });
  const control = await startControl(parts, report);
  releases.add("the control", control.stop);
  // The incident's own events tell of the doctor: another first version of them would be a conflict.
  if (!incident || !tellsOf(incident, doctor.id)) {
    await createDoctor(services.api, services.apiKey, services.ca);
    await waitUntilDoctorIsKnown(servers.consumerDatabase, signal);
  }
  describeToScripts();
  releases.add("the description", () => {
    rmSync(localFiles.stack, { force: true });
    rmSync(localFiles.environment, { force: true });
  });
  announce();
  if (incident) await showIncident(incident, servers, signal);

  signal.throwIfAborted();
  await Promise.race([
    ...servers.died,
    services.died,
    new Promise((resolve) => signal.addEventListener("abort", resolve)),
  ]);
  report("stopping");
  return 0;

  function describeToScripts() {
    const { variables } = services;
    const given = [...servers.given, ...(values.cluster ? ["a cluster"] : [])];
    const { url, key } = control;
    const environment = { pid: process.pid, services: variables, given, control: { url, key } };
    writeFileSync(localFiles.environment, JSON.stringify(environment), { mode: 0o600 });
    const stack = {
      api: services.api,
      ops: services.ops,
      apiKey: services.apiKey,
      ...(services.ca !== undefined && { ca: services.ca }),
      doctorId: doctor.id,
      amqp: servers.amqp,
      // Null, and not left out, where only AMQP_URL was given.
      rabbitmqManagement: servers.rabbitmqManagement ?? null,
      producerDatabase: servers.producerDatabase,
      consumerDatabase: servers.consumerDatabase,
      mail: servers.mail.url,
      sms: servers.sms.url,
      calendar: servers.calendar.url,
    };
    writeFileSync(`${localFiles.stack}.new`, JSON.stringify(stack, null, 2) + "\n", { mode: 0o600 });
    renameSync(`${localFiles.stack}.new`, localFiles.stack);
  }

  function announce() {
    console.log(`
The system is ready. Ctrl-C stops it; everything it keeps is in .local/

${addresses(servers, services)}

Book an appointment, then look at the e-mails:

${bookingExample(services)}
`);
  }
});
