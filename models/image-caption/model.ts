import { z } from 'zod'
import type { Model, ModelCard, Prediction } from '../model'
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
  latencyMs: z.number(),
})

/** Captions composed from what an object detector sees; see `card.md`. */
export const imageCaptionModel: Model = {
  kind: 'image-caption',
  taskType: 'image-caption',
  snapshot: facts.snapshot,
  card: facts.card as ModelCard,
  parametersSchema: z.object({}),
  async predict({ media }, signal): Promise<Prediction> {
    if (!media) throw new Error('There is no picture to look at.')
    const { caption, latencyMs } = answerSchema.parse(
      await askWorker('image-caption', { picture: await media() }, signal),
    )
    if (!caption) return { candidates: [], latencyMs, silence: 'The model recognised nothing in it.' }
    return {
      latencyMs,
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
}
