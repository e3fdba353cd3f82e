declare module "@asyncapi/generator" {
  /** The part that is used here; the package brings no types. */
  export default class Generator {
    constructor(
      template: string,
      output: string,
      options: { forceWrite: boolean; compile: boolean; templateParams?: Record<string, string> },
    );
    generateFromString(document: string): Promise<void>;
  }
}
