import { DomainError } from "../domain/domain-error.ts";
import { isSqlState } from "../postgres/sql-state.ts";

/** The exclusion constraints are what keeps visits and holds of one doctor apart. */
export async function refusingOverlap<T>(save: () => Promise<T>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    if (!isSqlState(error, "23P01")) throw error;
    const detail = "The doctor has another visit at that time, or it is held for one";
    throw new DomainError("slot-unavailable", detail, { cause: error });
  }
}
