/** Numbers as little-endian float32, as they are stored. */
export function toBytes(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(vector.length * 4)
  const view = new DataView(bytes.buffer)
  vector.forEach((value, i) => {
    view.setFloat32(i * 4, value, true)
  })
  return bytes
}

/** The numbers of `toBytes`; null where the length is not that of `size` numbers. */
export function fromBytes(bytes: Uint8Array | null | undefined, size: number): Float32Array | null {
  if (!bytes || bytes.byteLength !== size * 4) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: size }, (_, i) => view.getFloat32(i * 4, true))
}
