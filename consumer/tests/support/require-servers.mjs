// Stops `npm test` early, with one clear line, when the servers it needs are not named.
import process from "node:process";

const needed = ["TEST_DATABASE_URL", "TEST_AMQP_URL", "TEST_RABBITMQ_MANAGEMENT_URL"];
const missing = needed.filter((name) => !process.env[name]);
if (missing.length > 0) {
  console.error(
    `npm test needs ${missing.join(", ")}. Run it as \`npm run stack -- npm test --prefix consumer\` from the root, ` +
      "or set them yourself; `npm run test:unit` needs none.",
  );
  process.exit(1);
}
