import type { z } from 'zod'
import type { ThresholdMeasure } from '@/domain/guardrails'

/** Why a candidate was proposed, in words that the person who sees it may read. */
export interface Evidence {
  kind: 'example' | 'rule'
  /** One sentence, such as: Learned from the example reply to “Can we meet tomorrow at 3 pm?” */
  text: string
  /** The known message and reply behind an `example`. Own writing of this project, never a person's. */
  message?: string
  reply?: string
  pairId?: string
}

/** One ranked proposal. */
export interface Candidate {
  value: unknown
  /** 0–1, as calibrated as the model's card says. */
  confidence: number
  intent: string
  evidence: Evidence[]
}

/** A model's answer to one input. Empty candidates mean that it has nothing to propose; `silence` says why. */
export interface Prediction {
  candidates: Candidate[]
  latencyMs: number
  silence?: string
  /** Why the model answered with less than its usual means, where it did. */
  degraded?: string
  /** Measured precision and coverage of answers made this way; absent where not measured. */
  measured?: readonly ThresholdMeasure[]
  /** The silence is on purpose: what was learned is not to be proposed either. */
  leftToPerson?: boolean
  /** What the model saw of the input, as numbers of its `vectorKind`; absent where it needed none. */
  inputVector?: Uint8Array
}

/** Whose an example of a memory is: the asking person's own, everybody's, or one that the version was trained on. */
export type MemoryKind = 'personal' | 'shared' | 'trained'

/** One example of a memory. `id` names an input that never changes; the words that go with it stay with the caller. */
export interface MemoryEntry {
  id: string
  kind: MemoryKind
}

/** The input of an example: its vector (little-endian float32 of the model's kind), else what it is computed from. */
export interface MemoryInput {
  id: string
  text: string
  vector: Uint8Array | null
  media?: LoadMedia | undefined
}

/** What a model may remember for one answer. */
export interface Memory {
  /** Those that win a tie first. */
  entries: readonly MemoryEntry[]
  /** Inputs that the model has not kept from an earlier answer; one that is gone is left out. */
  load(ids: readonly string[]): Promise<MemoryInput[]>
}

/** An example near enough to propose its words. `similarity` −1 to 1; `confidence` 0–1 as the card says. */
export interface Recalled {
  id: string
  similarity: number
  confidence: number
}

/** What a memory says of one input, nearest first, and the vectors that had to be computed for it. */
export interface Recollection {
  matches: Recalled[]
  inputVector: Uint8Array | null
  computed: { id: string; vector: Uint8Array }[]
}

/** A share with its 95 % Wilson interval and sample size. */
export interface MeasuredShare {
  value: number
  low: number
  high: number
  n: number
}

/** What a model is, how good it was found to be and where it fails. Shown to everyone who sees its suggestions. */
export interface ModelCard {
  name: string
  summary: string
  goodAt: string[]
  failsAt: string[]
  trainingData: { what: string; rows: number; licence: string }[]
  licence: string
  offline: boolean
  telemetry: boolean
  /** ISO date, machine and method of everything under `quality` and `cost`. */
  measured: { at: string; machine: string; how: string }
  quality: {
    measure: string
    how: string
    result: MeasuredShare
    /** Where it speaks of a slice alone: a fact as the task's `slicesOf` names it. */
    slice?: { name: string; value: string }
  }[]
  thresholds: ThresholdMeasure[]
  cost: {
    latencyP50Ms: number
    latencyP95Ms: number
    loadMs: number
    memoryMb: number
    sizeMb: number
    learnMs: number
  }
  /** Facts that have no field of their own. */
  notes: string[]
}

/** What one version of a built-in model is asked with: the `kind` and `parameters` of its row. */
export interface ModelVersionRef {
  kind: string
  parameters?: unknown
}

/** Reads the picture of an item, encoded as it is stored; called only by a model that looks at it. */
export type LoadMedia = () => Promise<Uint8Array>

/** What learning from known values came to: the parameters of a new version and its card, or why there is none. */
export type Trained =
  | {
      parameters: Record<string, unknown>
      rows: number
      card: Omit<ModelCard, 'name' | 'trainingData' | 'measured'>
    }
  | { refusal: string }

/** A built-in model. It predicts in its own worker thread; nothing here blocks the event loop. */
export interface Model {
  kind: string
  taskType: string
  /** Changes with anything that changes an answer: pairs, embeddings, calibration, code. */
  snapshot: string
  card: ModelCard
  parametersSchema: z.ZodType
  /** A page can run its versions by itself from their parameters; then what the page proposes is taken at its word. */
  runsInPage?: true
  /** Rejects with an Error when the worker dies, can't start or `signal` aborts. */
  predict(
    request: { payload: unknown; parameters: unknown; media?: LoadMedia | undefined },
    signal: AbortSignal,
  ): Promise<Prediction>
  /**
   * Makes the parameters of a new version from known values, for models that are fitted and not told by example. Rows
   * come in any order.
   */
  train?(
    request: { examples: readonly { payload: unknown; value: unknown }[] },
    signal: AbortSignal,
  ): Promise<Trained>
  /** Names the network behind its vectors, with its version: vectors of two kinds are never compared. */
  vectorKind: string
  /** How many candidates are shown at once, and how many of them may be learned ones. */
  places: { all: number; learned: number }
  /**
   * Finds the examples of a memory that are near enough to an input. Taking an example out of the memory gives exactly
   * what a memory gives that never held it.
   */
  recall(
    request: {
      text: string
      vector: Uint8Array | null
      media?: LoadMedia | undefined
      parameters: unknown
      memory: Memory
    },
    signal: AbortSignal,
  ): Promise<Recollection>
  /** The vector of one input, or null where the model does without. */
  vectorOf(input: Omit<MemoryInput, 'id' | 'vector'>, signal: AbortSignal): Promise<Uint8Array | null>
}
