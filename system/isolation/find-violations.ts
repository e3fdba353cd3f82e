import { findForeignBrokerObjects } from "./broker-objects.ts";
import { findForeignImports } from "./imports.ts";
import { readService, type Violation } from "./service-files.ts";
import { findForeignTables, ownTables } from "./tables.ts";

/** Everything that would keep one of the services from being built, deployed or run without the other. */
export function findViolations(root: string): Violation[] {
  const producer = readService(root, "producer");
  const consumer = readService(root, "consumer");
  return [
    ...findForeignImports("producer", producer),
    ...findForeignImports("consumer", consumer),
    ...findForeignTables("producer", producer, ownTables(consumer)),
    ...findForeignTables("consumer", consumer, ownTables(producer)),
    ...findForeignBrokerObjects("producer", producer),
    ...findForeignBrokerObjects("consumer", consumer),
  ];
}
