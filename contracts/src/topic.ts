/** Whether a topic exchange routes a key by a binding: `*` stands for one word, `#` for any number of words. */
export function topicMatches(binding: string, key: string): boolean {
  return matchWords(binding.split("."), key.split("."));
}

function matchWords(pattern: string[], words: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return words.length === 0;
  if (first === "#") return matchWords(rest, words) || (words.length > 0 && matchWords(pattern, words.slice(1)));
  return words.length > 0 && (first === "*" || first === words[0]) && matchWords(rest, words.slice(1));
}
