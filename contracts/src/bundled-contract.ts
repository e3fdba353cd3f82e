import type { ReadFile } from "./bundle.ts";
import type { Contract } from "./contract.ts";
import { project } from "./project.ts";

/** The effective documents that the services' committed code was generated from. */
export function bundledContract(read: ReadFile): Contract {
  return {
    producer: JSON.parse(read(`${project.generated.producer}/asyncapi.json`)),
    consumer: JSON.parse(read(`${project.generated.consumer}/asyncapi.json`)),
  };
}
