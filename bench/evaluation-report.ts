import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ReportRow, reportOf } from '@/domain/evaluation-report'
import type { MeasuredRow } from '@/domain/metrics/metric'
import { seededRandom } from '@/domain/metrics/resample'
import { loadTaskType } from '@/tasks/registry'
import { round, type Target } from './target'

const rows = 10_000
const draws = 1_000
const goalSeconds = 60
const words = [
  'yes',
  'no',
  'sure',
  'thanks',
  'tomorrow',
  'at',
  'noon',
  'works',
  'sorry',
  'later',
  'we',
  'can',
  'meet',
]

/** Scores 10,000 rows of replies and computes the whole report of them, slices included, as the job does: in short turns. */
export const evaluationReport: Target = async ({ say }) => {
  const { metrics } = await loadTaskType('smart-reply')
  if (!metrics) throw new Error('replies have metrics')
  const random = seededRandom(7)
  const reply = () => ({
    text: Array.from(
      { length: 3 + Math.floor(random() * 6) },
      () => words[Math.floor(random() * words.length)],
    ).join(' '),
  })
  const others = metrics.others ?? []
  say(`${rows} rows, ${draws} draws …`)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const begun = performance.now()
  const made: ReportRow[] = []
  for (let number = 1; number <= rows; number++) {
    const row: MeasuredRow = {
      number,
      groupKey: `group ${Math.floor(number / 3)}`,
      clusterKey: null,
      payload: null,
      truths: [reply()],
    }
    const ranked = [reply(), reply(), reply()].map((value, at) => ({ value, confidence: 0.9 - at / 10 }))
    const parts = Object.fromEntries(
      metrics.all.map(metric => [
        metric.id,
        metric.parts(row, ranked, { others: (_, count) => others.slice(0, count) }),
      ]),
    )
    made.push({
      perturbation: '',
      number,
      groupKey: row.groupKey,
      clusterKey: null,
      slices: { lang: ['en', 'de', 'pt'][number % 3] ?? null, messages: 1 + (number % 20) },
      outcome: 'answered',
      parts,
      right: parts[metrics.right.metric]?.[0] === 1,
      topConfidence: ranked[0]?.confidence ?? null,
      unsafe: [],
    })
    if (number % 50 === 0) await nextTurn()
  }
  const scored = performance.now()
  const work = reportOf(
    metrics,
    made,
    { draws, seed: 1, perturbations: [] },
    {
      withoutTruth: 0,
      erased: 0,
      saved: [],
      contamination: { known: true, rows: 0, list: [] },
    },
  )
  while (!work.next().done) await nextTurn()
  const seconds = (performance.now() - begun) / 1000
  delay.disable()
  return [
    {
      target: 'evaluation',
      what: `scores ${rows} rows and resamples ${draws} times, with slices: seconds of ${goalSeconds}`,
      goal: '≤ 1',
      ratio: round(seconds / goalSeconds),
      range: [round(seconds / goalSeconds), round(seconds / goalSeconds)],
      ok: seconds <= goalSeconds,
      figures: {
        scoringSeconds: round((scored - begun) / 1000, 1),
        reportSeconds: round(seconds - (scored - begun) / 1000, 1),
        eventLoopDelayP99Ms: round(delay.percentile(99) / 1e6, 1),
      },
    },
  ]
}
