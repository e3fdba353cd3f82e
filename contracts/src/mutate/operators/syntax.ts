import { parse } from "@babel/parser";
import type { Node } from "@babel/types";

/** A node of the tree, with those that it lies in, the nearest first. */
export interface Visited {
  node: Node;
  parents: Node[];
}

/** Every node of a TypeScript file. TypeScript 7 has no parser that JavaScript could call. */
export function syntaxOf(code: string): Visited[] {
  const visited: Visited[] = [];
  const visit = (node: Node, parents: Node[]) => {
    visited.push({ node, parents });
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, [node, ...parents]);
  };
  visit(parse(code, { sourceType: "module", plugins: ["typescript"] }).program, []);
  return visited;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && value.type !== "File";
}

export function textOf(code: string, { start, end }: Node): string {
  return code.slice(start ?? 0, end ?? 0);
}

/** `doctorId` of `doctorId: current.doctorId`. */
export function keyOf(node: Node): string | undefined {
  if (node.type !== "ObjectProperty" || node.computed) return undefined;
  return node.key.type === "Identifier"
    ? node.key.name
    : node.key.type === "StringLiteral"
    ? node.key.value
    : undefined;
}
