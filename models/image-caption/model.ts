import { z } from 'zod'
import type { Model, ModelCard, Prediction } from '../model'
import { recallFrom } from '../remembered'
import { askWorker } from '../worker-host'
import facts from './card.json'
import { inWords } from './compose'

const answerSchema = z.object({
  caption: z
    .object({
      text: z.string(),
      confidence: z.number().min(0).max(1),
      things: z.array(z.object({ label: z.string(), count: z.number().int(), best: z.number() })),
    })
    .nullable(),
  inputVector: z.instanceof(Uint8Array),
  latencyMs: z.number(),
})
const vectorSchema = z.object({ vector: z.instanceof(Uint8Array) })

/** Photos of examples that are looked at for one answer because their numbers are missing. */
const mostLookedAt = 1

/** Captions composed from what an object detector sees; see `card.md`. */
export const imageCaptionModel: Model = {
  kind: 'image-caption',
  taskType: 'image-caption',
  snapshot: facts.snapshot,
  card: facts.card as ModelCard,
  parametersSchema: z.object({}),
  async predict({ media }, signal): Promise<Prediction> {
    if (!media) throw new Error('There is no picture to look at.')
    const { caption, inputVector, latencyMs } = answerSchema.parse(
      await askWorker('image-caption', { picture: await media() }, signal),
    )
    if (!caption)
      return { candidates: [], latencyMs, silence: 'The model recognised nothing in it.', inputVector }
    return {
      latencyMs,
      inputVector,
      measured: imageCaptionModel.card.thresholds,
      candidates: [
        {
          value: { text: caption.text },
          confidence: caption.confidence,
          intent: 'caption',
          evidence: caption.things.map(thing => ({
            kind: 'rule' as const,
            text: `The detector took something for ${inWords(thing)}, with a score of ${thing.best.toFixed(2)} at best.`,
          })),
        },
      ],
    }
  },
  vectorKind: 'centernet-mobilenetv3-480',
  places: { all: 1, learned: 1 },
  async recall({ vector, media, memory }, signal) {
    const computed: { id: string; vector: Uint8Array }[] = []
    const withVectors = async (ids: readonly string[]) => {
      const inputs = await memory.load(ids)
      for (const input of inputs) {
        if (input.vector || !input.media || computed.length === mostLookedAt) continue
        input.vector = await imageCaptionModel.vectorOf(input, signal)
        if (input.vector) computed.push({ id: input.id, vector: input.vector })
      }
      // The others wait for their turn with a later answer.
      return inputs.filter(input => input.vector !== null)
    }
    const picture = vector || !media ? undefined : await media()
    const ids = memory.entries.map(entry => entry.id)
    const found = await recallFrom('image-caption', { vector, picture, ids }, withVectors, signal)
    return { ...found, computed }
  },
  async vectorOf({ media }, signal) {
    if (!media) return null
    const answer = await askWorker('image-caption', { op: 'vector', picture: await media() }, signal)
    return vectorSchema.parse(answer).vector
  },
}
