import type { Split } from '@/domain/dataset-split'

/** One true value of a row; `value` in the task's value schema, null where it was erased. */
export interface DatasetLineValue {
  value: unknown
  origin: 'suggestion' | 'written'
  candidate_id: string | null
  verdict: 'good' | 'usable' | 'wrong' | null
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
  /** Near-duplicates of the version share it; null where the row has none. */
  cluster: string | null
  /** Why the row is in its split: one of `splitReasons` of `domain/dataset-split.ts`; null in versions of before. */
  split_reason: string | null
  input: unknown
  values: DatasetLineValue[]
  /** Of a preference: what `values` was preferred to, most explicit first; else empty. */
  rejected: DatasetLineValue[]
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
  /** How likely a rule that thins rows out kept this one; 1 where none did. */
  kept_probability: number
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
  /** As whoever brought the item said; null where nobody did. */
  licence: string | null
  /** Facts of the input by which rates are compared; never what people wrote. */
  slices: Record<string, string | number | boolean | null>
  /** Kinds of personal data that were taken out of the row's words. */
  redacted: string[]
  specification_version: number | null
  decided_at: string
  sample: boolean
  simulated: boolean
}
