import type { Node, ObjectExpression, ObjectProperty } from "@babel/types";
import { keyOf, syntaxOf, textOf, type Visited } from "./syntax.ts";

/** Another text for a part of a file. */
export interface Mutation {
  what: string;
  start: number;
  end: number;
  put: string;
}

/** Changes a file's code in one way, wherever that is possible. */
export type Operator = (code: string) => Mutation[];

/** Each value of a payload from where another value comes from, and from where the state before has it; each one left out. */
export const payloadValues: Operator = (code) =>
  syntaxOf(code).filter(isPayload).flatMap(({ node, parents }) => {
    const properties = propertiesOf(node as ObjectExpression);
    const hasCurrent = parents.some((parent) =>
      "params" in parent && JSON.stringify(parent.params).includes('"name":"current"')
    );
    return properties.flatMap(([key, property]) => {
      const others = new Set(
        properties.filter(([, other]) => other !== property).map(([, { value }]) => textOf(code, value)),
      );
      if (hasCurrent && !isOfCurrent(code, property)) others.add(`current.${key}`);
      others.delete(textOf(code, property.value));
      return [
        ...[...others].map((source) => replaced(property, `${key} is ${source}`, `${key}: ${source}`)),
        replaced(property, `${key} is left out`, `...{}`),
      ];
    });
  });

/** Whether a value has been taken from the state before already. */
function isOfCurrent(code: string, { value }: ObjectProperty): boolean {
  const taken = [...code.matchAll(/const \{([^}=]*)\} = current;/g)].flatMap(([, names = ""]) => names.split(","));
  return taken.some((name) => name.trim() === textOf(code, value));
}

/** What a payload is made of: the object of its name, or one whose absent fields are dropped. */
function isPayload({ node, parents: [parent] }: Visited): boolean {
  if (node.type !== "ObjectExpression") return false;
  const isDropping = parent?.type === "CallExpression" && parent.callee.type === "Identifier" &&
    parent.callee.name === "omitUndefined";
  const isNamed = parent !== undefined && keyOf(parent) === "payload";
  return isDropping || isNamed;
}

function propertiesOf({ properties }: ObjectExpression): [string, ObjectProperty][] {
  return properties.flatMap((property) => {
    const key = keyOf(property);
    return key === undefined || property.type !== "ObjectProperty" ? [] : [[key, property] as [string, ObjectProperty]];
  });
}

/** A decision that tells nothing, and one that tells of what changed nothing. */
export const emissions: Operator = (code) =>
  syntaxOf(code).flatMap(({ node }) => {
    if (node.type === "ReturnStatement" && node.argument?.type === "ObjectExpression") {
      const tells = node.argument.properties.some((property) => keyOf(property) === "event");
      return tells ? [replaced(node, "the event and its change are dropped", "return undefined as never;")] : [];
    }
    if (
      node.type === "IfStatement" && node.consequent.type === "ReturnStatement" && isUndefined(node.consequent.argument)
    ) {
      return [replaced(node, `tells although ${textOf(code, node.test)}`, "")];
    }
    return [];
  });

function isUndefined(node: Node | null | undefined): boolean {
  return node === null || (node?.type === "Identifier" && node.name === "undefined");
}

/** Calls that write or publish: left out, and done twice. */
export function calls(...names: string[]): Operator {
  return (code) =>
    syntaxOf(code).flatMap(({ node, parents: [parent, grandparent] }) => {
      const called = node.type === "CallExpression"
        ? node.callee
        : node.type === "TaggedTemplateExpression" && node.tag;
      if (!called || !names.includes(textOf(code, called))) return [];
      const statement = [parent, grandparent].find((one) => one?.type === "ExpressionStatement");
      const text = textOf(code, statement ?? node);
      const what = text.slice(0, 30).replaceAll(/\s+/g, " ");
      return statement
        ? [
          replaced(statement, `${what}… is left out`, "{}"),
          replaced(statement, `${what}… is done twice`, `{ ${text} ${text} }`),
        ]
        : [
          replaced(node, `${what}… is left out`, "(undefined as never)"),
          replaced(node, `${what}… is done twice`, `(Promise.all([${text}, ${text}]) as never)`),
        ];
    });
}

/** Numbers one higher and one lower; a type's number is no value. */
export const numbers: Operator = (code) =>
  syntaxOf(code).flatMap(({ node, parents: [parent] }) => {
    if (node.type !== "NumericLiteral" || parent?.type.startsWith("TS")) return [];
    const where = lineOf(code, node);
    return [1, -1].map((by) =>
      replaced(node, `${node.value + by} instead of ${node.value} in ${where}`, String(node.value + by))
    );
  });

/** The properties of a message: each left out, and each constant another one. */
export const messageProperties: Operator = (code) =>
  syntaxOf(code).flatMap(({ node, parents: [parent] }) => {
    if (node.type !== "ObjectExpression" || parent === undefined || keyOf(parent) !== "properties") return [];
    return propertiesOf(node).flatMap(([key, property]) => [
      replaced(property, `${key} is left out`, "...{}"),
      ...constants(code.slice(property.start ?? 0, property.end ?? 0)).map(({ what, put, start, end }) => ({
        what: `${key}: ${what}`,
        put,
        start: (property.start ?? 0) + start - 2,
        end: (property.start ?? 0) + end - 2,
      })),
    ]);
  });

/** The constants of one property of an object. */
function constants(property: string): Mutation[] {
  return literals(`({${property}})`);
}

/** Texts, numbers and truths that are others. */
export const literals: Operator = (code) =>
  syntaxOf(code).flatMap(({ node, parents: [parent] }) => {
    const isName = parent?.type === "ImportDeclaration" ||
      (parent !== undefined && "key" in parent && parent.key === node);
    if (isName || parent?.type.startsWith("TS")) return [];
    const text = textOf(code, node);
    const other = node.type === "StringLiteral"
      ? JSON.stringify(`${node.value}x`)
      : node.type === "NumericLiteral"
      ? String(node.value + 1)
      : node.type === "BooleanLiteral"
      ? String(!node.value)
      : undefined;
    return other === undefined ? [] : [replaced(node, `${other} instead of ${text}`, other)];
  });

function replaced({ start, end }: Node, what: string, put: string): Mutation {
  return { what, start: start ?? 0, end: end ?? 0, put };
}

function lineOf(code: string, { start }: Node): string {
  const at = start ?? 0;
  const end = code.indexOf("\n", at);
  return code.slice(code.lastIndexOf("\n", at) + 1, end < 0 ? undefined : end).trim().slice(0, 60);
}
