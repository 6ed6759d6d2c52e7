import type { QueueRule } from '@/contract/v1/review'
import { percent } from '@/domain/selection'

export const strategyNames: Record<QueueRule['strategy'], string> = {
  corrected: 'Corrected by people',
  'low-confidence': 'Low confidence',
  random: 'Random sample',
}

/** What a rule selects, as a sentence without a full stop. */
export function ruleWords(rule: QueueRule): string {
  if (rule.strategy === 'corrected')
    return 'Items whose suggestion somebody corrected, or answered in their own words'
  if (rule.strategy === 'random') return `Each item with a chance of ${percent(rule.rate)}, drawn at random`
  return `Items whose first suggestion the model was less than ${percent(rule.below)} sure of`
}
