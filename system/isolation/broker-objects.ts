import { isCode, isShipped, type ServiceFile, type Violation } from "./service-files.ts";

/** What each service owns on the broker, and the methods of amqplib by which the other would take it over. */
const rules = {
  producer: {
    foreign: /["'`](?:apt\.[\w.]*|DLX)["'`]/,
    methods: /\.(?:assertQueue|bindQueue|unbindQueue|deleteQueue|purgeQueue|bindExchange|consume)\(/,
  },
  consumer: {
    foreign: /["'`]appointments\.ex["'`]/,
    methods: /\.(?:assertExchange|deleteExchange)\(\s*sourceExchange\b/,
  },
} as const;

/** Finds where a service declares, or names by hand, what the other one owns on the broker. */
export function findForeignBrokerObjects(
  service: keyof typeof rules,
  files: ServiceFile[],
): Violation[] {
  const { foreign, methods } = rules[service];
  return files.filter((file) => isCode(file) && isShipped(file) && !file.path.startsWith("src/generated/"))
    .flatMap(({ path, text }) => {
      const imports = service === "producer" && !/from "amqplib"/.test(text);
      const found = [
        foreign.exec(text)?.[0],
        imports ? undefined : methods.exec(text)?.[0],
      ];
      return found.filter((match) => match !== undefined)
        .map((match) => ({
          file: `${service}/${path}`,
          reason: `${match} is the other service's on the broker`,
        }));
    });
}
