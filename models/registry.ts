import { z } from 'zod'
import type { ThresholdMeasure } from '@/domain/guardrails'
import { getLog } from '@/platform/log'
import { loadTaskType } from '@/tasks/registry'
import { askEndpoint } from './http/ask'
import { endpointSchema, httpKind } from './http/endpoint'
import type { Candidate, LoadMedia, Memory, Model, ModelVersionRef, Prediction, Recollection } from './model'
import { ModelBusy, startWorker } from './worker-host'

export { type Endpoint, endpointSchema, httpKind } from './http/endpoint'
export { askingBehind, configureModels, stopModels } from './worker-host'

const loaders = {
  'smart-reply': async (): Promise<Model> => (await import('./smart-reply/model')).smartReplyModel,
  'image-caption': async (): Promise<Model> => (await import('./image-caption/model')).imageCaptionModel,
  numeric: async (): Promise<Model> => (await import('./numeric/model')).numericModel,
} as const satisfies Record<string, () => Promise<Model>>

/** Kinds of built-in models. A version of another kind (`pushed`) is predicted for elsewhere. */
export const modelKinds = Object.keys(loaders) as (keyof typeof loaders)[]

/** What asking a model came to. Everything but `ok` leaves the person to write their own, at once. */
export type PredictOutcome =
  | {
      status: 'ok'
      candidates: Candidate[]
      latencyMs: number
      snapshot: string
      measured: readonly ThresholdMeasure[]
      /** Set when the model answered with less than its usual means, and why. */
      degraded?: string
      inputVector?: Uint8Array
    }
  | { status: 'none'; detail: string; latencyMs: number; leftToPerson?: boolean; inputVector?: Uint8Array }
  | { status: 'slow' | 'down' | 'wrong-shape'; detail: string; latencyMs: number }

/** Loads a built-in model's facts (card, snapshot, parameters' schema); null for a kind that is not built in. */
export async function loadModel(kind: string): Promise<Model | null> {
  return Object.hasOwn(loaders, kind) ? loaders[kind as keyof typeof loaders]() : null
}

/** Starts a built-in model's worker ahead of the first request. Never throws: who asks later is told what is wrong. */
export function warmModel(kind: string): void {
  if (!Object.hasOwn(loaders, kind)) return
  try {
    startWorker(kind)
  } catch {
    // The request that needs the model meets the same trouble and logs it with the exposure.
  }
}

/**
 * Asks one model version about one payload and never throws: no answer within `timeoutMs` is `slow`, a dead or failing
 * model `down` (it is started again by the next request), a value that the task's schema refuses `wrong-shape`.
 */
export async function predictWith(
  version: ModelVersionRef,
  payload: unknown,
  options: { timeoutMs: number; signal?: AbortSignal; media?: LoadMedia | undefined },
): Promise<PredictOutcome> {
  const begun = performance.now()
  const latencyMs = () => Math.round((performance.now() - begun) * 10) / 10
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout
  try {
    const model = version.kind === httpKind ? null : await loadModel(version.kind)
    if (!model && version.kind !== httpKind)
      return {
        status: 'none',
        detail: 'This model sends its suggestions itself and has sent none for this one.',
        latencyMs: latencyMs(),
      }
    const [prediction, taskType] = model
      ? [
          await model.predict(
            { payload, parameters: version.parameters ?? {}, media: options.media },
            signal,
          ),
          model.taskType,
        ]
      : await predictElsewhere(version.parameters, { payload, media: options.media }, signal)
    if (prediction.candidates.length === 0)
      return {
        status: 'none',
        detail: prediction.silence ?? 'The model proposed nothing.',
        latencyMs: latencyMs(),
        ...(prediction.leftToPerson ? { leftToPerson: true } : {}),
        ...(prediction.inputVector ? { inputVector: prediction.inputVector } : {}),
      }
    const { valueSchema } = await loadTaskType(taskType)
    if (!prediction.candidates.every(candidate => valueSchema.safeParse(candidate.value).success))
      return {
        status: 'wrong-shape',
        detail: 'A candidate does not fit the task’s schema.',
        latencyMs: latencyMs(),
      }
    return {
      status: 'ok',
      candidates: prediction.candidates,
      latencyMs: latencyMs(),
      snapshot: model?.snapshot ?? httpKind,
      measured: prediction.measured ?? [],
      ...(prediction.degraded ? { degraded: prediction.degraded } : {}),
      ...(prediction.inputVector ? { inputVector: prediction.inputVector } : {}),
    }
  } catch (error) {
    if (timeout.aborted)
      return { status: 'slow', detail: `No answer within ${options.timeoutMs} ms.`, latencyMs: latencyMs() }
    if (error instanceof z.ZodError)
      return { status: 'wrong-shape', detail: z.prettifyError(error), latencyMs: latencyMs() }
    const status = error instanceof Error && error.name === ModelBusy.name ? 'slow' : 'down'
    return { status, detail: error instanceof Error ? error.message : String(error), latencyMs: latencyMs() }
  }
}

const elsewhereSchema = z.object({ endpoint: endpointSchema, taskType: z.string() })

async function predictElsewhere(
  parameters: unknown,
  input: { payload: unknown; media: LoadMedia | undefined },
  signal: AbortSignal,
): Promise<[Prediction, string]> {
  const { endpoint, taskType } = elsewhereSchema.parse(parameters)
  const begun = performance.now()
  const candidates = await askEndpoint(endpoint, await loadTaskType(taskType), input, signal)
  return [{ candidates, latencyMs: performance.now() - begun }, taskType]
}

/**
 * What a memory says of one input. Null where it said nothing in time or the model can't be asked: then the model's own
 * answer goes alone, as without a memory.
 */
export async function recallWith(
  version: ModelVersionRef,
  request: { text: string; vector: Uint8Array | null; media?: LoadMedia | undefined; memory: Memory },
  timeoutMs: number,
): Promise<Recollection | null> {
  if (timeoutMs < 1) return null
  const timeout = AbortSignal.timeout(Math.floor(timeoutMs))
  try {
    const model = await loadModel(version.kind)
    if (!model) return null
    return await model.recall({ ...request, parameters: version.parameters ?? {} }, timeout)
  } catch (error) {
    // The message names what failed; what was compared is no part of it.
    if (!timeout.aborted) getLog().warn({ kind: version.kind, err: error }, 'A memory could not be asked')
    return null
  }
}
