import type { RollbackMetric } from './project-settings'

/** What each measure counts, as it stands after “when”. */
export const rollbackMetricWords: Record<RollbackMetric, string> = {
  corrected: 'the share of corrected suggestions',
  rejected: 'the share of suggestions not used',
  undone: 'the share of decisions taken back',
  withheld: 'the share held back by guardrails',
  failed: 'the share that failed or came too late',
}
