import process from "node:process";

/** A variable that `npm run stack` sets. */
export function testVariable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this below "npm run stack --" from the root`);
  return value;
}
