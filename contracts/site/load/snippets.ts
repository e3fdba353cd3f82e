import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The subscriber programs of contracts/site/snippets/, each for one routing key. */
export interface Snippets {
  typescript(routingKey: string): string;
  python(routingKey: string): string;
  shell(routingKey: string): string;
}

export async function loadSnippets(root: string): Promise<Snippets> {
  const load = async (file: string) => {
    const text = await readFile(
      join(root, "contracts/site/snippets", file),
      "utf8",
    );
    return (routingKey: string) => text.replaceAll("ROUTING_KEY", routingKey);
  };
  return {
    typescript: await load("subscribe.ts"),
    python: await load("subscribe.py"),
    shell: await load("subscribe.sh"),
  };
}
