import { SilentDatabaseError } from "./failure-kind.ts";

/** The answer, or a SilentDatabaseError after that time; what was asked must bear being asked again. */
export async function answerInTime<Answer>(timeoutMs: number, answer: PromiseLike<Answer>): Promise<Answer> {
  const answered = Promise.resolve(answer);
  answered.catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const error = new SilentDatabaseError(`PostgreSQL did not answer within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    return await Promise.race([answered, silence]);
  } finally {
    clearTimeout(timer);
  }
}
