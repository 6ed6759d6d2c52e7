/** One value that a model ranked, with its confidence (0–1). */
export interface Ranked<Value = unknown> {
  value: Value
  confidence: number
}

/** One row that is measured: its input, what is true of it, and what was taken as worse than that. */
export interface MeasuredRow<Payload = unknown, Value = unknown> {
  /** Of the dataset row; ties are broken and distractors drawn by it. */
  number: number
  groupKey: string
  clusterKey: string | null
  payload: Payload
  /** At least one. */
  truths: readonly Value[]
}

/** What a metric may know besides the row: values of other rows, for those that rank the truth among them. */
export interface MetricContext<Value = unknown> {
  /**
   * Up to `count` values of rows of other groups and clusters, the same for every version that is measured on the same
   * inputs, none the same as a truth of the row.
   */
  others(row: MeasuredRow<unknown, Value>, count: number): readonly Value[]
}

/** What is known of a metric without computing it. */
export interface MetricFacts {
  /** Part of stored results, gates and addresses: never changes its meaning. */
  id: string
  label: string
  /** One sentence: what it measures and how, with its normalisation. */
  describes: string
  higherIsBetter: boolean
  /** `share`: 0–1, with Wilson’s interval where rows stand alone. `number`: in `unit`. */
  kind: 'share' | 'number'
  unit?: string
}

/**
 * A measure in two steps, so that a thousand resamples cost additions only: `parts` of each row (null where the row
 * does not count), added up over rows, and `value` of the sums (null where they say nothing).
 */
export interface Metric<Payload = unknown, Value = unknown> extends MetricFacts {
  parts(
    row: MeasuredRow<Payload, Value>,
    ranked: readonly Ranked<Value>[],
    context: MetricContext<Value>,
  ): number[] | null
  value(sums: readonly number[]): number | null
}

/** What a task type says of measuring its predictions. `tasks/<type>/task.ts` names them. */
export interface TaskMetrics<Payload = unknown, Value = unknown> {
  /** Changes with anything that changes a number. */
  version: string
  /** The first one is the one that pages and gates look at first. */
  all: readonly Metric<Payload, Value>[]
  /** When a row counts as right, for flips, calibration and accuracy: a metric of one row, from this value on (up to it where lower is better). */
  right: { metric: string; from: number; words: string }
  /** Values of its own, for ranking truths among others where a dataset version has too few. */
  others?: readonly Value[]
}

/** An estimate with its 95 % interval; null where there is nothing to say. `n` counts rows. */
export interface MetricEstimate {
  id: string
  value: number | null
  low: number | null
  high: number | null
  n: number
  /** False below 30: then pages say “too few to tell”. */
  enough: boolean
}

/** Of a row: its value as higher-is-better, for paired differences. */
export const scoreOf = (facts: Pick<MetricFacts, 'higherIsBetter'>, raw: number | null): number | null =>
  raw === null ? null : facts.higherIsBetter ? raw : -raw
