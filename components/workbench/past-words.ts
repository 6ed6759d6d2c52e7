import type { ReviewedEntry } from '@/contract/v1/review'
import type { DecisionKind } from '../ui/decision-badge'
import { passWords } from './pass-reasons'

const comparedWords = {
  mine: 'Kept mine',
  model: 'Model’s is better',
  both: 'Both fine',
  amended: 'Amended mine',
} as const

/** Where an item stands now, in words; null where there is nothing to say. */
export function pastState(entry: ReviewedEntry): string | null {
  if (entry.standing === 'undone' || entry.type === 'compared') return null
  if (entry.setAside) return 'Sent back: it waits for a new answer.'
  if (entry.question?.reply) return 'A curator replied: the item comes back to you.'
  if (entry.type === 'asked') return 'Waits for a curator’s reply.'
  if (entry.practice) return 'Practice: it stays. The next round is a new try.'
  if (entry.type !== 'submitted') return null
  if (entry.resolved) return 'Settled the item.'
  if (entry.entryState === 'disputed') return 'People disagree: an adjudicator decides.'
  if (entry.entryState === 'parked') return 'Waits for a curator’s reply.'
  return null
}

/** How a row of the rail names what was done. */
export function pastLook(entry: ReviewedEntry): { decision: DecisionKind; label?: string } {
  if (entry.standing === 'undone') return { decision: 'undone' }
  if (entry.type === 'asked') return { decision: 'flagged', label: 'Asked' }
  if (entry.type === 'compared')
    return { decision: 'blind', label: comparedWords[entry.preference ?? 'mine'] }
  if (entry.type !== 'submitted') return { decision: entry.type }
  if (entry.blind) return { decision: 'blind', label: 'Locked' }
  if (entry.texts.length > 0) return { decision: entry.suggestion === null ? 'written' : 'corrected' }
  const verdicts = entry.verdicts.map(({ verdict }) => verdict)
  if (verdicts.includes('good')) return { decision: 'accepted', label: 'Good' }
  if (verdicts.includes('usable')) return { decision: 'accepted', label: 'Usable' }
  return { decision: 'rejected', label: 'Wrong' }
}

/** The words of a row that has no text of its own. */
export function pastDetail(entry: ReviewedEntry, words: Readonly<Record<string, string>>): string {
  const parts = []
  if (entry.reason) parts.push(passWords(entry.reason))
  const reasons = [...new Set(entry.verdicts.flatMap(verdict => verdict.reasons))]
  if (reasons.length > 0) parts.push(reasons.map(reason => words[reason] ?? reason).join(', '))
  if (entry.texts.length > 1) parts.push(`${entry.texts.length} acceptable texts`)
  return parts.join('. ')
}
