import type { MeasuredRow, Metric, MetricContext, Ranked } from './metric'
import {
  bleu,
  bleuParts,
  characterErrorParts,
  chrF,
  chrFBestParts,
  exactMatch,
  likeness,
  normaliseText,
  rougeL,
  textMetricsVersion,
  wordErrorParts,
} from './text'

/** A mean of one number a row: its parts are that number and 1. */
export const meanOfParts = ([sum = 0, n = 0]: readonly number[]): number | null => (n === 0 ? null : sum / n)

const places = 3
const outOf = 100

/**
 * The metrics of values that are texts, as builders: a task lists those that apply. A version that proposes nothing for
 * a row is as wrong there as can be, so that silence never looks better than an answer.
 */
export function textMetrics<Payload, Value>(textOf: (value: Value) => string) {
  type Row = MeasuredRow<Payload, Value>
  type Own = Metric<Payload, Value>
  const first = (ranked: readonly Ranked<Value>[]) => (ranked[0] ? textOf(ranked[0].value) : '')
  const truths = (row: Row) => row.truths.map(textOf)
  const share = { kind: 'share', higherIsBetter: true, value: meanOfParts } as const

  const exact: Own = {
    ...share,
    id: 'exact-match',
    label: 'Exact match',
    describes:
      'Share of rows whose first proposal equals a truth after NFKC, lower case, punctuation removed and white space collapsed.',
    parts: (row, ranked) => [exactMatch(first(ranked), truths(row)) ? 1 : 0, 1],
  }
  const exactAt3: Own = {
    ...share,
    id: 'exact-match-3',
    label: 'Exact match in 3',
    describes:
      'Share of rows where one of the first three proposals equals a truth, normalised as for exact match.',
    parts: (row, ranked) => [
      ranked.slice(0, places).some(one => exactMatch(textOf(one.value), truths(row))) ? 1 : 0,
      1,
    ],
  }
  const rouge: Own = {
    ...share,
    kind: 'number',
    id: 'rouge-l',
    label: 'ROUGE-L',
    describes:
      'F1 of the longest common subsequence of words with the nearest truth (Lin 2004), 0–1; mean over rows.',
    parts: (row, ranked) => [Math.max(...truths(row).map(truth => rougeL(first(ranked), truth).f1)), 1],
  }
  const chrf: Own = {
    kind: 'number',
    higherIsBetter: true,
    id: 'chrf',
    label: 'chrF',
    describes:
      'Character n-grams up to 6 shared with the nearest truth, β 2, over the corpus, 0–100 (as sacreBLEU).',
    parts: (row, ranked) => chrFBestParts(first(ranked), truths(row)),
    value: sums => (sums.length === 0 ? null : chrF(sums)),
  }
  const bleuMetric: Own = {
    kind: 'number',
    higherIsBetter: true,
    id: 'bleu',
    label: 'BLEU',
    describes:
      'Word n-grams up to 4 shared with the truths over the corpus, 13a tokens, smoothed, 0–100 (as sacreBLEU).',
    parts: (row, ranked) => bleuParts(first(ranked), truths(row)),
    value: sums => (sums.length === 0 ? null : bleu(sums)),
  }
  const errorRate = (id: 'wer' | 'cer', label: string, of: typeof wordErrorParts, units: string): Own => ({
    kind: 'number',
    higherIsBetter: false,
    id,
    label,
    describes: `Edits over ${units} of the truth, after normalisation, over the corpus; rows with an empty truth don’t count.`,
    parts: (row, ranked) => of(first(ranked), truths(row)[0] ?? ''),
    value: meanOfParts,
  })
  const recall: Own = {
    ...share,
    id: 'recall-3-of-100',
    label: 'Recall@3 of 100',
    describes:
      'Share of rows whose truth is among the best three of 100 replies, 99 of them to other messages, ordered by their likeness to what the version proposed. Ties count against it; below 100 replies it is not computed.',
    parts: (row, ranked, context) => recallParts(row, ranked, context, textOf),
  }
  return {
    exact,
    exactAt3,
    rouge,
    chrf,
    bleu: bleuMetric,
    wer: errorRate('wer', 'Word error rate', wordErrorParts, 'words'),
    cer: errorRate('cer', 'Character error rate', characterErrorParts, 'characters'),
    recall,
    version: textMetricsVersion,
  }
}

/**
 * A reply's score is its likeness to a proposal, a tenth less for each place further down; so every version is asked
 * the same question, also one that can't score replies that it did not propose itself.
 */
function recallParts<Payload, Value>(
  row: MeasuredRow<Payload, Value>,
  ranked: readonly Ranked<Value>[],
  context: MetricContext<Value>,
  textOf: (value: Value) => string,
): number[] | null {
  const own = new Set(row.truths.map(truth => normaliseText(textOf(truth))))
  const others = context.others(row, outOf - 1).filter(value => !own.has(normaliseText(textOf(value))))
  if (others.length < outOf - 1) return null
  const proposals = ranked.slice(0, places).map(one => textOf(one.value))
  const scoreOf = (text: string) =>
    Math.max(0, ...proposals.map((proposal, at) => likeness(text, proposal) * (1 - at / 10)))
  const truth = Math.max(...row.truths.map(value => scoreOf(textOf(value))))
  const better = others.filter(value => scoreOf(textOf(value)) >= truth).length
  return [better < places ? 1 : 0, 1]
}
