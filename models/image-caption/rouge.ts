const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/**
 * ROUGE-L (Lin, 2004): F1 of the longest common subsequence of words, 0–1.
 * “police kill the gunman” against “police killed the gunman” shares three of four words in order: 0.75.
 */
export function rougeL(candidate: string, reference: string): number {
  const [a, b] = [words(candidate), words(reference)]
  const shared = longestCommonSubsequence(a, b)
  return shared === 0 ? 0 : (2 * shared) / (a.length + b.length)
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const next = [0]
    for (let j = 0; j < b.length; j++)
      next.push(word === b[j] ? (row[j] as number) + 1 : Math.max(row[j + 1] as number, next[j] as number))
    row = next
  }
  return row[b.length] as number
}
