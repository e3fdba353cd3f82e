import type { Scene } from "./scene.ts";

export interface Fault {
  name: string;
  /** Begins and ends the trouble, at moments of its own choosing; what it broke is whole again when it resolves. */
  inject(scene: Scene): Promise<void>;
  /** How often in one run. */
  times?: number;
  /** Why it can't be tried on this machine. */
  notHere?(): string | undefined;
}
