/**
 * Levenshtein distance (insert, delete, replace, each 1) over code points, divided by the longer length: 0–1.
 * kitten → sitting is 3/7. Two empty texts are at 0. O(n·m) time, O(min) memory.
 */
export function editDistance(a: string, b: string): number {
  const [long, short] = [[...a], [...b]].sort((x, y) => y.length - x.length) as [string[], string[]]
  if (long.length === 0) return 0
  let row = Uint32Array.from({ length: short.length + 1 }, (_, j) => j)
  let next = new Uint32Array(short.length + 1)
  for (let i = 0; i < long.length; i++) {
    next[0] = i + 1
    for (let j = 0; j < short.length; j++)
      next[j + 1] = Math.min(
        (row[j] as number) + (long[i] === short[j] ? 0 : 1),
        (row[j + 1] as number) + 1,
        (next[j] as number) + 1,
      )
    ;[row, next] = [next, row]
  }
  return (row[short.length] as number) / long.length
}
