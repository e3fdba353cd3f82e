export interface CodeBlock {
  /** The file, and the first line. */
  key: string;
  text: string;
}

/** The blocks of code of a Markdown file, fenced or indented by four at least after an empty line. */
export function codeBlocks(file: string, markdown: string): CodeBlock[] {
  const blocks: string[][] = [];
  let fenced: string[] | undefined;
  let indented: string[] | undefined;
  let before = "";
  for (const line of markdown.split("\n")) {
    if (/^ *```/.test(line)) {
      if (fenced) blocks.push(fenced);
      fenced = fenced ? undefined : [];
      indented = undefined;
    } else if (fenced) {
      fenced.push(line);
    } else if (/^ {4,}\S/.test(line) && (indented || before.trim() === "")) {
      if (!indented) blocks.push(indented = []);
      indented.push(line);
    } else if (line.trim() !== "") {
      indented = undefined;
    }
    before = line;
  }
  return blocks.filter(([first]) => first !== undefined)
    .map((lines) => ({ key: `${file}: ${lines[0]!.trim()}`, text: lines.join("\n") }));
}
