/** Which entry of which calendar is claimed. */
export interface ClaimKey {
  appointmentId: string;
  doctorId: string;
}

export const keyOf = ({ appointmentId, doctorId }: ClaimKey): string => `${appointmentId} ${doctorId}`;

/** The lease ran out, and another sender has taken the intent since: nothing was recorded. */
export class ClaimLost extends Error {
  override name = "ClaimLost";
}

export function requireClaim({ appointmentId, doctorId }: ClaimKey, held: boolean): void {
  if (!held) throw new ClaimLost(`the entry of ${appointmentId} for ${doctorId} was taken over by another sender`);
}
