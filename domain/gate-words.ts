import type { GateRules } from './gates'
import { percent } from './percent'

/** What a gate asks, one line each. `labelOf` names a metric. */
export function gateWords(rules: GateRules, labelOf: (metric: string) => string): string[] {
  const asked = rules.requiredFor.map(stage => (stage === 'live' ? 'live' : 'a trial'))
  return [
    asked.length > 0
      ? `A version needs its pass, or an owner’s waiver, for ${asked.join(' and ')}.`
      : 'It is asked for nothing: its results are shown beside a promotion.',
    `${labelOf(rules.metric)} not worse than live by ${rules.margin} or more, at the one-sided 95\u00a0% bound, on at least ${rules.minimumRows.toLocaleString('en')} rows.`,
    ...rules.floors.map(floor => `${labelOf(floor.metric)} no worse than ${floor.bound}.`),
    ...(rules.slices.length > 0
      ? [
          `The same in each critical slice, tested together (Holm): ${rules.slices.map(one => `${one.slice} ${one.value} by ${one.margin}, ${one.minimumRows} rows`).join('; ')}.`,
        ]
      : []),
    ...(rules.mostFlips === null
      ? []
      : [`Right before and wrong now: at most ${percent(rules.mostFlips)} of rows.`]),
    ...(rules.mostUnsafe === null
      ? []
      : [`Held back by guardrails: at most ${percent(rules.mostUnsafe)}, at the upper bound.`]),
    ...(rules.mostLatencyP90Ms === null ? [] : [`p90 latency at most ${rules.mostLatencyP90Ms} ms.`]),
    ...(rules.mostCostMicrosPer1000 === null
      ? []
      : [`Cost of 1,000 at most ${(rules.mostCostMicrosPer1000 / 1_000_000).toFixed(4)}.`]),
    ...(rules.noContamination ? ['It has learned from none of the rows.'] : []),
    `One frozen set may be looked at ${rules.mostUses.toLocaleString('en')} times.`,
  ]
}
