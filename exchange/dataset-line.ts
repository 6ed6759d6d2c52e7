import type { Split } from '@/domain/dataset-split'

/** One true value of a row; `value` in the task's value schema, null where it was erased. */
export interface DatasetLineValue {
  value: unknown
  origin: 'suggestion' | 'written'
  candidate_id: string | null
  verdict: 'good' | 'usable' | null
}

/** A suggestion as it was shown, with its rank (1 for the first), its confidence and how likely it was put there. */
export interface DatasetLineSuggestion {
  candidate_id: string
  value: unknown
  rank: number
  confidence: number | null
  propensity: number | null
}

/**
 * A row of a frozen version as every format starts from it. Ids are UUIDs, `decided_at` is UTC with microseconds,
 * probabilities are 0 to 1. Of an erased row `input`, every `value`, `external_id` and `group_id` are null; all else
 * stays, so that counts and hashes can still be followed.
 */
export interface DatasetLine {
  number: number
  split: Split
  erased: boolean
  item_id: string
  external_id: string | null
  group_id: string | null
  group_key: string
  input: unknown
  values: DatasetLineValue[]
  suggestions: DatasetLineSuggestion[]
  /** Of a decision: `accepted`, `corrected`, `written`. */
  state: string | null
  /** Of a resolution: `queue`, `adjudication`. */
  source: string | null
  exposure_id: string | null
  entry_id: string | null
  event_ids: string[]
  answer_event_ids: string[]
  strategy: string
  /** Null where no queue selected the item. */
  inclusion_probability: number | null
  propensity: number | null
  model_influenced: boolean
  blind: boolean
  agreement: number | null
  /** Pseudonyms. */
  annotators: string[]
  model: string | null
  model_version: string | null
  model_version_id: string | null
  consent_version: number | null
  specification_version: number | null
  decided_at: string
  sample: boolean
  simulated: boolean
}
