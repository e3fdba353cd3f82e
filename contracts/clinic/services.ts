import type { Services } from "../src/services.ts";
import { startConsumer } from "./consumer-process.ts";
import { startProducerUnderTest } from "./producer-under-test.ts";

/** This project's, for `contracts.config.ts`. */
export const services: Services = { startProducer: startProducerUnderTest, startConsumer };
