// Runs inside `npm run stack --`: writes the servers' addresses to the file, then keeps them up until its standard
// input ends, which it also does when the process that asked is gone.
import { writeFileSync } from "node:fs";
import process from "node:process";

const { TEST_DATABASE_URL, TEST_AMQP_URL, TEST_RABBITMQ_MANAGEMENT_URL } = process.env;
writeFileSync(process.argv[2], JSON.stringify({ TEST_DATABASE_URL, TEST_AMQP_URL, TEST_RABBITMQ_MANAGEMENT_URL }));
console.log("servers are up");
process.stdin.resume();
