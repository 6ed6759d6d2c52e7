import { psiLeast } from './drift'
import { percent as shared } from './percent'

/** What can go wrong, each with a rule of its own. */
export const watchKinds = [
  'latency',
  'errors',
  'volume',
  'input-drift',
  'prediction-drift',
  'label-drift',
  'acceptance',
  'trips',
  'arm-ratio',
] as const
export type WatchKind = (typeof watchKinds)[number]

/** From which effect on a rule may fire. Choices; each project may set its own. */
export const leastEffects: Readonly<Record<WatchKind, number>> = {
  latency: 1.5,
  errors: 0.02,
  volume: 0.5,
  'input-drift': psiLeast,
  'prediction-drift': psiLeast,
  'label-drift': psiLeast,
  acceptance: 0.05,
  trips: 0.02,
  'arm-ratio': 0.01,
}

export type WatchPanel = 'service' | 'data' | 'proxy' | 'experiment'

/** A rule in words: what it says, and what to do when it fires. */
export interface WatchWords {
  label: string
  panel: WatchPanel
  /** What its effect is. */
  effect: string
  /** The runbook, in the order in which to go. */
  runbook: readonly string[]
}

export const watchWords: Readonly<Record<WatchKind, WatchWords>> = {
  latency: {
    label: 'Latency',
    panel: 'service',
    effect: 'p90 as a multiple of the reference',
    runbook: [
      'See under Service whether it is one version or all of them.',
      'If it began with a promotion, roll back: Models, Roll back.',
      'If all are slow, look at the load of the server and of the model’s host (operations, “Slow suggestions”). Suggestions that are too late are left out; nobody waits for them.',
    ],
  },
  errors: {
    label: 'Model errors',
    panel: 'service',
    effect: 'more of the eligible exposures, as a share',
    runbook: [
      'Open the items: the reason of each says slow, down, or wrong shape.',
      'Wrong shape after a promotion: roll back. Down: look at the model’s host and its log.',
      'People go on by hand meanwhile; nothing is lost.',
    ],
  },
  volume: {
    label: 'Volume',
    panel: 'data',
    effect: 'away from the usual number of exposures, as a share',
    runbook: [
      'Nothing at all: look at the arrivals in Settings, and whether the embedding page still asks.',
      'Far less: a release, a filter, or a holiday. Far more: an import, or one caller; the arrivals say who.',
    ],
  },
  'input-drift': {
    label: 'Input drift',
    panel: 'data',
    effect: 'PSI against the reference',
    runbook: [
      'Open the items of the part that grew. Drift alone is no fault: see whether acceptance or the random audit fell with it.',
      'Review some of them: “Make a queue” selects exactly these items.',
      'If it stays, train on it, or hold suggestions back there.',
    ],
  },
  'prediction-drift': {
    label: 'Prediction drift',
    panel: 'data',
    effect: 'PSI of the confidence against the reference',
    runbook: [
      'If the inputs drifted too, begin there. If not, the model or what it calls has changed: compare the version’s code reference.',
      'Check the calibration on the latest audit before anyone trusts the threshold again.',
    ],
  },
  'label-drift': {
    label: 'Label drift',
    panel: 'data',
    effect: 'PSI of what people settle on against the reference',
    runbook: [
      'Read some of the items. People may say other things now, or a guideline has changed.',
      'If what is right has changed, older truth no longer is: freeze a new test set before the next evaluation.',
    ],
  },
  acceptance: {
    label: 'Acceptance',
    panel: 'proxy',
    effect: 'points of acceptance lost, as a share of what was judged',
    runbook: [
      'See whether it is one slice. A weak slice becomes a queue in one step.',
      'If it began with a promotion, roll back. Else hold suggestions back on the slice until a version is better.',
      'Acceptance is a proxy: look at the random audit before calling the model worse.',
    ],
  },
  trips: {
    label: 'Guardrail',
    panel: 'proxy',
    effect: 'more of the eligible exposures held back, as a share',
    runbook: [
      'Open what was held back. Rightly: leave it, and find out where such inputs come from.',
      'Wrongly: change the guardrail; the preview says what a change would have done.',
    ],
  },
  'arm-ratio': {
    label: 'Arms',
    panel: 'experiment',
    effect: 'away from the planned division, as a share',
    runbook: [
      'Draw no conclusion from a comparison of these arms: something loses or adds people of one of them.',
      'Look for errors, filters or retries that only one arm has, mend them, and begin the comparison again.',
    ],
  },
}

/** “Acceptance down on lang=de”, “Input drift: lang”. */
export function alertTitle(kind: WatchKind, subject: string): string {
  const { label } = watchWords[kind]
  if (kind === 'acceptance') return subject ? `Acceptance down on ${subject}` : 'Acceptance down'
  if (kind === 'latency') return 'Latency up'
  if (kind === 'errors') return 'Model errors up'
  if (kind === 'volume') return 'Volume is unusual'
  if (kind === 'trips') return `Guardrail ${subject} trips more often`
  if (kind === 'arm-ratio') return 'Arms are not divided as planned'
  return `${label}: ${subject}`
}

const percent = (share: number) => shared(share, Math.abs(share) < 0.1 ? 1 : 0)

/** The figures of an alert in one line. */
export function alertFigures({
  kind,
  effect,
  was,
  now,
  q,
  breached,
  windows,
}: {
  kind: WatchKind
  effect: number
  was: number | null
  now: number | null
  q: number
  breached: number
  windows: number
}): string {
  const certain = q < 0.001 ? 'q < 0.001' : `q = ${q.toFixed(3)}`
  const often = `${breached} of ${windows} windows`
  const [from, to] = [was ?? 0, now ?? 0]
  if (kind === 'latency') return `p90 ${Math.round(to)} ms, was ${Math.round(from)} ms. ${often}, ${certain}`
  if (kind === 'volume')
    return `${Math.round(to)} a window, usually ${Math.round(from)}. ${often}, ${certain}`
  if (kind === 'arm-ratio') return `${percent(effect)} away from the plan. ${often}, ${certain}`
  if (was === null) return `PSI ${effect.toFixed(3)}. ${often}, ${certain}`
  return `${percent(to)}, was ${percent(from)}. ${often}, ${certain}`
}
