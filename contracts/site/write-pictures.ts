import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { flowPicture } from "./flow/picture.tsx";
import { bookingCall, listCalls } from "./load/curl.ts";
import { loadModel } from "./load/model.ts";
import { loadOpenApi } from "./load/services.ts";

/** The README's pictures by their paths from the project's root, drawn from the documents. */
export async function drawPictures(root: string): Promise<Record<string, string>> {
  const model = await loadModel(root);
  const booking = bookingCall(listCalls(await loadOpenApi(root)));
  return {
    "docs/flow-light.svg": flowPicture(model, booking, "light"),
    "docs/flow-dark.svg": flowPicture(model, booking, "dark"),
  };
}

/** Returns the paths of what it has written. */
export async function writePictures(root: string): Promise<string[]> {
  const pictures = Object.entries(await drawPictures(root));
  for (const [path, text] of pictures) await writeFile(join(root, path), text);
  return pictures.map(([path]) => path);
}
