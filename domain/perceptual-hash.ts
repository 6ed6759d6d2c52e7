/**
 * Two pictures show the same where at most so many of the 64 bits of their difference hashes differ. Measured on the
 * demo photos: smaller, recompressed and slightly cropped ones stay within it, no two different photos do.
 */
export const samePictureWithinBits = 8

/** Grey values that a hash is made of: 9 × 8, row by row, each 0–255. */
export const hashWidthPx = 9
export const hashHeightPx = 8

/**
 * Difference hash (Krawetz 2013, “Kind of like that”): a bit for each pixel that is brighter than its right neighbour;
 * 64 bits in hex.
 */
export function differenceHash(grey: ArrayLike<number>): string {
  let hex = ''
  for (let row = 0; row < hashHeightPx; row += 1) {
    let byte = 0
    for (let column = 0; column < hashWidthPx - 1; column += 1) {
      const at = row * hashWidthPx + column
      byte = (byte << 1) | ((grey[at] as number) > (grey[at + 1] as number) ? 1 : 0)
    }
    hex += byte.toString(16).padStart(2, '0')
  }
  return hex
}

function bitsOf(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const halves = (hash: string) =>
  [Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8), 16)] as const

/** In how many of 64 bits two hashes differ. */
export function differingBits(a: string, b: string): number {
  const [[a1, a2], [b1, b2]] = [halves(a), halves(b)]
  return bitsOf(a1 ^ b1) + bitsOf(a2 ^ b2)
}

/**
 * Parts of a hash of which two hashes within the limit share at least one (pigeonhole): one more than bits may differ,
 * so that pairs are found without comparing each with each.
 */
export function hashParts(hash: string): number[] {
  const bits = halves(hash)
    .map(half => half.toString(2).padStart(32, '0'))
    .join('')
  const parts = samePictureWithinBits + 1
  return Array.from({ length: parts }, (_, at) =>
    Number.parseInt(bits.slice(Math.floor((at * 64) / parts), Math.floor(((at + 1) * 64) / parts)), 2),
  )
}
