import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { loadGraphModel } from '@tensorflow/tfjs-converter'
import { env, ready, setBackend, type Tensor, tensor4d } from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { type Detection, labels } from './detections'

/** The detector's input is 512 × 512 px, red, green and blue as numbers from 0 to 255. */
const sidePx = 512
const outputNode = 'tower_0/detections'
/** 16 × 16 places with 480 numbers each; their mean says what a photo looks like as a whole. */
const featureNode = 'tower_0/extern1/BatchNorm/FusedBatchNorm'
export const featureSize = 480
/** A stored photo is smaller than this; a larger one was not made by us. */
const mostPixels = 40_000_000

/** Looks at an encoded picture: what it sees, best first, and 480 numbers for how it looks. */
export type Detect = (picture: Uint8Array) => Promise<{ things: Detection[]; feature: Float32Array }>

const require = createRequire(import.meta.url)

/** Where the weights lie: CenterNet on MobileNetV3, from the package that ships them. */
export function weightFiles(): { graph: string; weights: string } {
  const folder = join(dirname(require.resolve('@vladmandic/human')), '..', 'models')
  return { graph: join(folder, 'centernet.json'), weights: join(folder, 'centernet.bin') }
}

/** Loads the weights into WebAssembly, one thread of it: the worker has a core of its own at best. */
export async function loadDetector(): Promise<Detect> {
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  await setBackend('wasm')
  await ready()
  const { graph, weights } = weightFiles()
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(graph, 'utf8'))
  const model = await loadGraphModel({
    load: async () => ({
      modelTopology,
      // biome-ignore lint/suspicious/noExplicitAny: the manifest is the library's own format
      weightSpecs: weightsManifest.flatMap((group: any) => group.weights),
      weightData: new Uint8Array(readFileSync(weights)).buffer,
    }),
  })
  return async picture => {
    const pixels = await sharp(picture, { limitInputPixels: mostPixels, pages: 1 })
      .resize(sidePx, sidePx, { fit: 'fill' })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer()
    const input = tensor4d(Float32Array.from(pixels), [1, sidePx, sidePx, 3])
    const [output, places] = model.execute(input, [outputNode, featureNode]) as [Tensor, Tensor]
    try {
      const [rows = []] = (await output.array()) as number[][][]
      const things = rows.flatMap(row => {
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, score = 0, at = -1] = row
        const label = labels[at]
        return label ? [{ label, score, box: [x1, y1, x2, y2] as Detection['box'] }] : []
      })
      return { things, feature: meanOver(await places.data<'float32'>()) }
    } finally {
      input.dispose()
      output.dispose()
      places.dispose()
    }
  }
}

function meanOver(places: Float32Array): Float32Array {
  const count = places.length / featureSize
  const mean = new Float32Array(featureSize)
  for (let place = 0; place < count; place++)
    for (let i = 0; i < featureSize; i++)
      mean[i] = (mean[i] as number) + (places[place * featureSize + i] as number) / count
  return mean
}
