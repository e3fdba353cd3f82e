import process from "node:process";

const required = ["TEST_DATABASE_URL", "TEST_AMQP_URL", "TEST_RABBITMQ_MANAGEMENT_URL"];

/** Fails the whole run when a server is not named: nothing is skipped in silence. */
export default function requireServers(): void {
  const missing = required.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.error(`The integration tests need ${missing.join(", ")}. Run them through \`npm run stack -- npm test\`,`);
    console.error("or run what needs no server with `npm run test:unit`.");
    process.exit(1);
  }
}
