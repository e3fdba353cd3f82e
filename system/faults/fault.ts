import type { Load } from "./load.ts";
import type { Scene } from "./scene.ts";

export interface Fault {
  name: string;
  /** Begins and ends the trouble, at moments of its own choosing; what it broke is whole again when it resolves. */
  inject(scene: Scene, load: Load): Promise<void>;
  /** How often in one run. */
  times?: number;
  /** The broker itself loses messages: only here may the archive bring them back. Elsewhere that would hide a loss. */
  catchesUp?: boolean;
  /** It needs three nodes of RabbitMQ instead of one. */
  needsCluster?: boolean;
  /** Why it can't be tried on this machine. */
  notHere?(): string | undefined;
}
