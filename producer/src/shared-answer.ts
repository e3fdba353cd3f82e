/** Whoever asks while an answer is being found gets that answer: a flood of questions costs as much as one. */
export function shared<Answer>(find: () => Promise<Answer>): () => Promise<Answer> {
  let underWay: Promise<Answer> | undefined;
  return () => underWay ??= find().finally(() => underWay = undefined);
}
