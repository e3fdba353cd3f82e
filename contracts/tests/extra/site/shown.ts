const runbooks = "system/tests/extra/runbooks.test.ts";
const rehearsals = "system/tests/long/rehearsals.test.ts";
const docker = "needs Docker, which no test has; the files are checked by system/tests/compose.test.ts and " +
  "system/tests/extra/deploy-tools.test.ts";
const cluster =
  "needs a cluster, which no test has; the manifests are held by system/tests/kubernetes/names.test.ts and " +
  "system/tests/extra/kubernetes.test.ts";
const gate =
  "the command is run by contracts/tests/can-i-deploy.test.ts and contracts/tests/broker.test.ts; as shown it " +
  "asks a server that is not there";
const quickStart = "contracts/tests/extra/shown-programs.test.ts, each request with its answer";

/** Who runs what is shown, or why nobody does. */
export const shown = {
  /** Each block of the Markdown files, by its first line. The decisions in docs/adr/ show nothing to run. */
  markdown: {
    "CONTRIBUTING.md: git clone URL appointments && cd appointments":
      "npm test is what runs them all; .ci/run passes in a fresh clone",
    "CONTRIBUTING.md: npm run test:unit --prefix consumer                                               # no servers":
      "runs tests: npm test runs the same",
    "CONTRIBUTING.md: npx deno fmt && npx deno lint": "run before each commit, and by .github/workflows/ci.yml",
    "README.md: npm start    # runs the whole system: servers, both services, a doctor to book with":
      "npm start by system/tests/extra/npm-start.test.ts; npm test is what runs them all",
    "consumer/README.md: npm ci": "system/tests/extra/copied-alone.test.ts",
    "consumer/README.md: npm run cli -- --help":
      "the command's tests, such as consumer/tests/delivery/queues-command.test.ts",
    "consumer/README.md: npm run test:unit     # needs nothing": "npm test runs the same",
    "consumer/README.md: $ curl -H \"X-API-Key: $KEY\" 'localhost:3001/v1/doctors/dr-lovelace/availability?from=2026-12-01T08:00:00Z&to=2026-12-01T09:00:00Z'":
      "an answer to read: its dates go by; the route has tests of its own in consumer/tests/",
    "deploy/README.md: docker compose --env-file deploy/local.env up --build --wait": docker,
    "deploy/README.md: PRODUCER_PORT=3000-3001 docker compose --env-file deploy/local.env -f docker-compose.yml -f docker-compose.ha.yml up --build --wait":
      docker,
    "deploy/README.md: compose up --wait postgres": docker,
    "deploy/README.md: compose stop postgres": docker,
    "deploy/README.md: docker compose exec postgres psql -U postgres -c \"CREATE ROLE consumer_audit LOGIN PASSWORD '…' IN ROLE consumer\"":
      docker,
    'deploy/README.md: docker compose exec postgres psql -U postgres consumer -c "REASSIGN OWNED BY consumer_audit TO consumer"':
      docker,
    "docs/api-quick-start.md: export API=http://127.0.0.1:3000 API_KEY=… ID=…    # ID: of the visit, once it is booked":
      "contracts/tests/extra/shown-programs.test.ts sets them for the requests",
    'docs/api-quick-start.md: curl -i -X PUT "$API/v1/doctors/dr-lovelace" -H "X-API-Key: $API_KEY" -H \'Content-Type: application/json\' \\':
      quickStart,
    'docs/api-quick-start.md: curl -i "$API/v1/appointments" -H "X-API-Key: $API_KEY" -H \'Content-Type: application/json\' \\':
      quickStart,
    "docs/api-quick-start.md: HTTP/1.1 201 Created": quickStart,
    "docs/api-quick-start.md: HTTP/1.1 409 Conflict": quickStart,
    'docs/api-quick-start.md: curl -i -X PATCH "$API/v1/appointments/$ID" -H "X-API-Key: $API_KEY" -H \'If-Match: "1"\' \\':
      quickStart,
    "docs/api-quick-start.md: HTTP/1.1 200 OK": quickStart,
    'docs/api-quick-start.md: curl -i "$API/v1/appointments/$ID/cancel" -H "X-API-Key: $API_KEY" -H \'Content-Type: application/json\' \\':
      quickStart,
    'docs/api-quick-start.md: curl "$API/v1/appointments?doctorId=dr-lovelace" -H "X-API-Key: $API_KEY"': quickStart,
    "docs/architecture.md: %% the system": "a picture",
    "docs/architecture.md: %% the producer": "a picture",
    "docs/architecture.md: %% the consumer": "a picture",
    "docs/architecture.md: %% the contract": "a picture",
    "docs/contracts.md: npm run contracts -- COMMAND --help": "contracts/tests/cli.test.ts",
    "docs/contracts.md: npm run contracts -- drift --amqp amqps://USER:PASSWORD@HOST/VHOST --management https://HOST:15671":
      "contracts/tests/drift.test.ts, with a broker that is there",
    'docs/contracts.md: import { defineConfig } from "appointment-contracts";':
      "contracts/tests/long/other-project.test.ts",
    "docs/contracts.md: git rev-parse HEAD:producer": "contracts/tests/can-i-deploy.test.ts asks git the same",
    "docs/contracts.md: npm run contracts -- can-i-deploy --participant consumer --to production": gate,
    "docs/contracts.md: npm run contracts -- publish --broker https://broker.example.org": gate,
    "docs/contracts.md: npm run contracts -- prove --seed 7 --runs 20": "contracts/tests/wire.test.ts runs prove",
    "docs/contracts.md: npm run contracts -- release --lock":
      "writes a release: contracts/tests/long/story.test.ts does, in a copy",
    "docs/kubernetes.md: npm run contracts -- kubernetes            # writes them; --check only compares, as in npm test":
      "npm test runs it with --check",
    "docs/kubernetes.md: kubectl create namespace appointments": cluster,
    "docs/kubernetes.md: sh deploy/tls/make-certificates.sh certificates rabbitmq::rabbitmq,rabbitmq.appointments.svc \\":
      "the script by system/tests/certificates.test.ts; for the rest, see above",
    "docs/kubernetes.md: kubectl apply -k deploy/kubernetes/overlays/small": cluster,
    "docs/kubernetes.md: kubectl create secret generic patient-keys-consumer -n appointments --type=kubernetes.io/basic-auth \\":
      cluster,
    "docs/operate/kubernetes.md: kubectl delete -k deploy/kubernetes/gate --ignore-not-found && kubectl apply -k deploy/kubernetes/gate":
      cluster,
    "docs/operate/kubernetes.md: kubectl delete -k deploy/kubernetes/migrate --ignore-not-found && kubectl apply -k deploy/kubernetes/migrate":
      cluster,
    "docs/operate/kubernetes.md: kubectl get backups.postgresql.cnpg.io,scheduledbackups.postgresql.cnpg.io -n appointments":
      cluster,
    "docs/operate/kubernetes.md: bootstrap:": cluster,
    "docs/operate/kubernetes.md: kubectl exec -n appointments deploy/consumer-audit -- consumer audit verify": runbooks,
    "docs/operate/kubernetes.md: curl -H \"X-API-Key: $KEY\" 'https://…/ops/archive?from=2026-01-01T00:00:00Z&to=2026-11-23T00:00:00Z'":
      "needs an installation; the route has tests of its own in producer/tests/",
    'docs/operate/kubernetes.md: pact-broker publish pacts --consumer-app-version "$VERSION" --branch main': gate,
    "docs/operate/kubernetes.md: kubectl exec -n appointments rabbitmq-server-0 -- rabbitmqctl list_queues name consumers messages message_bytes":
      cluster,
    "docs/operate/kubernetes.md: kubectl delete binding.rabbitmq.com -n appointments NAME-from-appointments-ex-KEY":
      cluster,
    "docs/operate/after-a-restore.md: consumer dlq list --reason version-conflict":
      "system/tests/after-a-restore.test.ts",
    "docs/operate/after-a-restore.md: consumer dlq replay --reason version-conflict --accept":
      "system/tests/after-a-restore.test.ts",
    "docs/operate/after-a-restore.md: consumer dlq discard ID --why TEXT": runbooks,
    "docs/operate/after-a-restore.md: SELECT occurred_at, event_name, aggregate_id, detail FROM audit_outcomes":
      "system/tests/after-a-restore.test.ts",
    "docs/operate/after-a-restore.md: consumer replay --job availability --rebuild":
      "system/tests/after-a-restore.test.ts",
    "docs/operate/audit-trail.md: CREATE ROLE consumer_audit LOGIN PASSWORD '…' IN ROLE consumer;":
      "consumer/tests/jobs/audit/tampering/jobs-role.test.ts makes such a role",
    "docs/operate/audit-trail.md: SELECT pid, usename, application_name, xact_start, query FROM pg_locks JOIN pg_stat_activity USING (pid)":
      "asks PostgreSQL's own views who holds a lock",
    "docs/operate/audit-trail.md: AUDIT_WITNESS_URL=https://witness.example.org/submission":
      "consumer/src/config.test.ts reads such settings",
    "docs/operate/audit-trail.md: consumer audit new-key NAME": runbooks,
    "docs/operate/audit-trail.md: consumer audit receipt EVENT": runbooks,
    "docs/operate/audit-trail.md: consumer audit verify": runbooks,
    "docs/operate/broker-loss.md: consumer replay --job notifications --from 2026-11-23T00:00:00Z --to 2026-11-24T00:00:00Z --dry-run":
      runbooks,
    "docs/operate/dead-letters.md: consumer dlq list": runbooks,
    "docs/operate/dead-letters.md: consumer dlq discard --reason REASON --why TEXT": rehearsals,
    "docs/operate/differences.md: consumer reconcile": runbooks,
    "docs/operate/differences.md: consumer reconcile --repair": runbooks,
    "docs/operate/full-queues.md: consumer queues recreate apt.notifications.queue": runbooks,
    "docs/operate/operations-page.md: consumer timeline APPOINTMENT": runbooks,
    "docs/operate/operations-page.md: consumer dlq groups": runbooks,
    "docs/operate/operations-page.md: consumer incident APPOINTMENT --json": runbooks,
    "docs/operate/key-rotation.md: rabbitmqctl change_password producer NEW":
      "changes a broker's user, of RabbitMQ's own tool",
    "docs/operate/failed-sends.md: consumer sends list --state failed": runbooks,
    "docs/operate/failed-sends.md: consumer sends resend --all": runbooks,
    "docs/operate/failed-sends.md: consumer sends settle ID --as not-sent": runbooks,
    "docs/operate/failed-sends.md: consumer calendar overwrite APPOINTMENT DOCTOR": runbooks,
    "docs/operate/key-rotation.md: docker compose exec rabbitmq rabbitmqctl change_password producer NEW": docker,
    "docs/operate/lost-topology.md: consumer replay --missing --from 2026-11-23T00:00:00Z --dry-run": runbooks,
    "docs/operate/broker-loss.md: consumer status": rehearsals,
    "docs/operate/calendar-conflicts.md: consumer status": rehearsals,
    "docs/operate/calendar-conflicts.md: consumer calendar list": rehearsals,
    "docs/operate/calendar-conflicts.md: consumer calendar overwrite APPOINTMENT DOCTOR": rehearsals,
    "docs/operate/dead-letters.md: consumer status": rehearsals,
    "docs/operate/expired-certificate.md: consumer status": rehearsals,
    "docs/operate/expired-certificate.md: consumer sends list --state pending --channel email": rehearsals,
    "docs/operate/full-queues.md: consumer status": rehearsals,
    "docs/operate/read-only-database.md: consumer status": rehearsals,
    "docs/operate/refusing-dependency.md: consumer status": rehearsals,
    "docs/operate/refusing-dependency.md: consumer sends list --state pending --channel email": rehearsals,
    "docs/operate/refusing-dependency.md: consumer sends list --state failed": rehearsals,
    "docs/operate/slow-database.md: consumer status": rehearsals,
    "docs/operate/slow-database.md: consumer locks list": rehearsals,
    "docs/operate/slow-database.md: consumer locks end PID": rehearsals,
    "docs/operate/stopped-relay.md: consumer status": rehearsals,
    "docs/operate/stopped-relay.md: producer locks list": rehearsals,
    "docs/operate/stopped-relay.md: producer locks end PID": rehearsals,
    "docs/operate/wrong-clock.md: consumer status": rehearsals,
    "docs/operate/stuck-sends.md: consumer sends list --state pending --channel email": runbooks,
    "docs/operate/unknown-sends.md: consumer sends settle ID --as sent": runbooks,
    "producer/README.md: request → decision → appointment + event in the outbox (one transaction) → answer":
      "a picture",
    "producer/README.md: npm ci": "system/tests/extra/copied-alone.test.ts",
    "producer/client/README.md: npm pack PROJECT/producer/client     # writes appointment-client-0.1.0.tgz":
      "contracts/tests/extra/shown-programs.test.ts",
    'producer/client/README.md: import { createClient, ProblemError } from "appointment-client";':
      "contracts/tests/extra/shown-programs.test.ts",
  } as Record<string, string>,
  /** The blocks of the site's pages, by their captions. */
  site: [
    {
      label: /^TypeScript, with amqplib$|^Python, with pika$|^Command line, with amqp-tools$|^Request$/,
      by: "contracts/tests/extra/site-programs.test.ts",
    },
    { label: /^Book an appointment$/, by: "contracts/tests/extra/site-programs.test.ts, as the operation's request" },
    { label: /^Run the whole system$/, by: "system/tests/extra/npm-start.test.ts" },
    { label: /^(Answer of|Expected:|From the contract:|Captured from the wire)/, by: "data to read, nothing to run" },
  ],
};
