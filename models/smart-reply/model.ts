import { z } from 'zod'
import { loadTaskType } from '@/tasks/registry'
import type { Model, ModelCard, Prediction } from '../model'
import { recallFrom } from '../remembered'
import { askWorker } from '../worker-host'
import facts from './card.json'

const parametersSchema = z.object({
  /** `full` uses sentence embeddings and words; `terms` words alone, without weights. */
  retrieval: z.enum(['full', 'terms']).default('full'),
})

const answerSchema = z.object({
  candidates: z.array(
    z.object({
      value: z.unknown(),
      confidence: z.number().min(0).max(1),
      intent: z.string(),
      evidence: z.array(
        z.object({
          kind: z.enum(['example', 'rule']),
          text: z.string(),
          message: z.string().optional(),
          reply: z.string().optional(),
          pairId: z.string().optional(),
        }),
      ),
    }),
  ),
  silence: z.string().optional(),
  leftToPerson: z.boolean().optional(),
  inputVector: z.instanceof(Uint8Array).optional(),
  degraded: z.string().optional(),
  latencyMs: z.number(),
})

const vectorSchema = z.object({ vector: z.instanceof(Uint8Array).nullable() })

/** Smart replies from the nearest known messages; see `card.md`. */
export const smartReplyModel: Model = {
  kind: 'smart-reply',
  taskType: 'smart-reply',
  snapshot: facts.snapshot,
  card: facts.card as ModelCard,
  parametersSchema,
  async predict({ payload, parameters }, signal): Promise<Prediction> {
    const task = await loadTaskType('smart-reply')
    const { retrieval } = parametersSchema.parse(parameters ?? {})
    const text = task.inputText(payload)
    const answer = answerSchema.parse(
      await askWorker('smart-reply', { text, termsOnly: retrieval === 'terms' }, signal),
    )
    const asMeasured = retrieval === 'full' && answer.degraded === undefined
    return asMeasured ? { ...answer, measured: smartReplyModel.card.thresholds } : answer
  },
  vectorKind: 'use-lite-0.2.0',
  places: { all: 3, learned: 2 },
  async recall({ text, vector, parameters, memory }, signal) {
    const termsOnly = parametersSchema.parse(parameters ?? {}).retrieval === 'terms'
    const ids = memory.entries.map(entry => entry.id)
    return recallFrom('smart-reply', { text, vector, termsOnly, ids }, memory.load, signal)
  },
  async vectorOf({ text }, signal) {
    return vectorSchema.parse(await askWorker('smart-reply', { op: 'vector', text }, signal)).vector
  },
}
