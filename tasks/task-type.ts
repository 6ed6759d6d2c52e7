import type { z } from 'zod'
import type { InputRule } from '@/domain/guardrails'

/** What a wrong output can cause. */
export type HarmClass = 'low' | 'medium' | 'high'

/** How a model may act: shown beside, asks, acts. `automate` is allowed at low harm only. */
export type Mode = 'augment' | 'prompt' | 'automate'

/** What is known of a task type without loading it. */
export interface TaskFacts {
  id: string
  label: string
  harmClass: HarmClass
  allowedModes: readonly Mode[]
}

/** A kind of prediction: its schemas, comparison, texts and guardrails. One folder per type under `tasks/`. */
export interface TaskType<Payload = unknown, Value = unknown> extends TaskFacts {
  /** The input of one item, as stored and as sent to a model. */
  payloadSchema: z.ZodType<Payload>
  /** One candidate, correction or answer. */
  valueSchema: z.ZodType<Value>
  /** The words of a value, for search, length and diffs. */
  textOf(value: Value): string
  /** The words of an input that a model reads first, for search and duplicate finding. */
  inputText(payload: Payload): string
  /** A short name of an item in lists. */
  titleOf(payload: Payload): string
  /** Whether `b` is `a` unchanged: decides accepted or corrected. The type says which differences don't count. */
  sameValue(a: Value, b: Value): boolean
  /** How far `b` is from `a`: 0 the same, 1 nothing in common. */
  editDistance(a: Value, b: Value): number
  /** Columns of an item in flat exports: scalars only. */
  flatColumns(payload: Payload): Record<string, string | number | boolean | null>
  /** Facts of an input by which rates are compared later; logged with each exposure, so never what people wrote. */
  slicesOf?(payload: Payload): Record<string, string | number | boolean | null>
  /** Rules on the input, run in order before any candidate is shown; `version` changes with them. */
  guardrails: { version: string; rules: readonly InputRule<Payload>[] }
}
