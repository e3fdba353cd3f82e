import type { ReadFile } from "./bundle.ts";
import type { Contract } from "./contract.ts";

/** The effective documents that the services' committed code was generated from. */
export function bundledContract(read: ReadFile): Contract {
  return {
    producer: JSON.parse(read("producer/src/generated/asyncapi.json")),
    consumer: JSON.parse(read("consumer/src/generated/asyncapi.json")),
  };
}
