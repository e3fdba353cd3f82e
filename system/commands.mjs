/**
 * What each npm script of the root runs: the folders that it needs installed, then a TypeScript file of one of them,
 * with arguments that go before the user's. A command without `help` prints its own.
 */
export const commands = {
  start: {
    installs: ["system", "producer", "consumer"],
    runs: ["system", "start.ts"],
    help: `npm start -- [--fresh] [--cluster]

Runs the whole system on this machine: PostgreSQL, RabbitMQ, stand-ins for mail, text messages and calendars, the
producer and the consumer. Prints the addresses and a curl line to try; Ctrl-C stops everything, and so does npm run
stop, or the end of the npm that started it.

  --fresh     forget the data of earlier runs
  --cluster   three RabbitMQ nodes, two producers, three consumers and a standby for PostgreSQL; one node may die;
              they speak TLS, with certificates that it makes (which needs openssl)

Environment, each optional:
  AMQP_URL                  a RabbitMQ to use instead of a private one (RABBITMQ_MANAGEMENT_URL goes with it)
  RABBITMQ_VIA              installed, unpacked or docker: the only way to get RabbitMQ that is tried
  RABBITMQ_IMAGE            of the container (rabbitmq:4-management)
  PRODUCER_DATABASE_URL     a PostgreSQL database for the producer, and
  CONSUMER_DATABASE_URL     one for the consumer, instead of the embedded server
  PORT, OPS_PORT            of the producer's API (3000) and of the consumer's operations (3001), each its own

Everything that it writes is below .local/; .local/stack.json describes the running system to scripts.`,
  },
  stop: {
    installs: ["system"],
    runs: ["system", "stop.ts"],
    help: `npm run stop

Stops the system that npm start runs in this checkout, from wherever it was started, and waits until it is gone.`,
  },
  restart: {
    installs: ["system"],
    runs: ["system", "restart.ts"],
    help: `npm run restart -- PART

Restarts one part of the system that npm start runs in this checkout, as npm start had started it, and waits until it is ready.
A part that has been stopped is started.

  PART   producer, consumer, rabbitmq or mail`,
  },
  rehearse: {
    installs: ["system", "consumer"],
    runs: ["system", "rehearse.ts"],
    help: `npm run rehearse -- --list | NAME [--undo]

Brings an incident about on the system that npm start runs in this checkout, and on no other, and says what a person would
notice. consumer status, the operations page and the runbooks in docs/operate/ lead from there to the repair. One incident at a time.

  --list   the incidents
  --undo   end this one, whatever has been mended meanwhile; where the command has to hold something on, so does Ctrl-C`,
  },
  stack: {
    installs: ["system"],
    runs: ["system", "stack.ts"],
    help: `npm run stack -- <command> [arguments]

Starts a PostgreSQL and a RabbitMQ of its own, runs the command with TEST_DATABASE_URL, TEST_AMQP_URL and
TEST_RABBITMQ_MANAGEMENT_URL set, stops both and exits with the command's exit code.

  RABBITMQ_VIA   installed, unpacked or docker: the only way to get RabbitMQ that is tried`,
  },
  test: {
    installs: [".", "system", "contracts", "producer", "producer/client", "consumer"],
    runs: ["system", "test.ts"],
    help: `npm test -- [stage…]

Runs every stage, or the named ones, on servers of its own; ends with the line "N passed, N failed".
The stages are the first column of what it prints.`,
  },
  "test:extra": {
    installs: [".", "system", "contracts", "producer", "producer/client", "consumer"],
    runs: ["system", "test-suites.ts", "extra"],
    help: `npm run test:extra -- [stage…]

Runs the suites that npm test leaves out, because they are slow or need Debian's tools (.ci/run installs those).
Ends with the line "N passed, N failed".`,
  },
  "test:long": {
    installs: [".", "system", "contracts", "producer", "producer/client", "consumer"],
    runs: ["system", "test-suites.ts", "long"],
    help: `npm run test:long -- [stage…]

Runs the suites that take minutes: they belong to the night, not to every commit.
Ends with the line "N passed, N failed".`,
  },
  "test:faults": {
    installs: ["system", "producer", "consumer"],
    runs: ["system", "faults/cli.ts"],
  },
  "test:runtimes": {
    installs: [".", "system", "producer", "producer/client", "consumer"],
    runs: ["system", "runtimes.ts"],
    help: `npm run test:runtimes -- [--node PROGRAM…]

Runs the unit and integration tests of both services on this Node, on each other one that is named, and on Deno, and
writes what passed into the README.`,
  },
  generate: {
    installs: ["contracts", "producer", "producer/client"],
    runs: ["contracts", "src/cli.ts", "generate"],
  },
  contracts: {
    installs: ["contracts", "producer", "producer/client", "consumer", "system"],
    runs: ["contracts", "src/cli.ts"],
  },
  docs: {
    installs: ["contracts", "producer", "consumer"],
    runs: ["contracts", "site/cli.ts"],
  },
  producer: {
    installs: ["producer"],
    runs: ["producer", "src/cli.ts"],
    environment: "producer",
  },
  consumer: {
    installs: ["consumer"],
    runs: ["consumer", "src/cli.ts"],
    environment: "consumer",
  },
  simulate: {
    installs: ["system", "producer", "consumer"],
    runs: ["system", "simulation/cli.ts"],
  },
  bench: {
    installs: ["system", "producer", "consumer"],
    runs: ["system", "bench/cli.ts"],
  },
};
