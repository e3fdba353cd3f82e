/**
 * A service did what no working one does: it ended at its start, refused a request or published nothing. Its code or
 * what it was generated from is to blame, as opposed to a server, a port or a machine that is too slow.
 */
export class ServiceFailed extends Error {
  override name = "ServiceFailed";
}
