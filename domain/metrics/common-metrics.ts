import type { MetricFacts } from './metric'

/** Metrics that every task has: they need no truth, or only whether a row was right. */
export const answeredMetric: MetricFacts = {
  id: 'answered',
  label: 'Answered',
  describes: 'Share of rows for which the version proposed something.',
  higherIsBetter: true,
  kind: 'share',
}

export const unsafeMetric: MetricFacts = {
  id: 'unsafe',
  label: 'Unsafe',
  describes:
    'Share of rows where one of the first three proposals has the wrong form, holds a blocked word, or answers what is left to people.',
  higherIsBetter: false,
  kind: 'share',
}

export const rightMetric = (words: string): MetricFacts => ({
  id: 'right',
  label: 'Right',
  describes: `Share of rows that were right: ${words}`,
  higherIsBetter: true,
  kind: 'share',
})

export const calibrationMetric: MetricFacts = {
  id: 'ece',
  label: 'Calibration error',
  describes:
    'Mean distance between the first proposal’s confidence and how often it was right, over ten bins weighted by size (Naeini 2015).',
  higherIsBetter: false,
  kind: 'number',
}

export const brierMetric: MetricFacts = {
  id: 'brier',
  label: 'Brier score',
  describes: 'Mean squared distance of confidence and outcome (Brier 1950): 0 is perfect, 0.25 says nothing.',
  higherIsBetter: false,
  kind: 'number',
}
