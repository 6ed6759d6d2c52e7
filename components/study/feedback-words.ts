import type { FeedbackRow } from '@/contract/v1/feedback'
import type { DecisionKind } from '../ui/decision-badge'

/** How a row is named in one word: what a person decided, else why nothing is decided. */
export function badgeOf(row: Pick<FeedbackRow, 'state' | 'suggestionShown' | 'everUndone'>): DecisionKind {
  if (row.state !== 'open') return row.state
  if (row.everUndone) return 'undone'
  return row.suggestionShown ? 'shown' : 'guardrail'
}

export const stateOptions = [
  { value: '', label: 'Any decision' },
  { value: 'accepted', label: 'Accepted' },
  { value: 'corrected', label: 'Corrected' },
  { value: 'written', label: 'Written' },
  { value: 'rejected', label: 'Rejected' },
  { value: 'dismissed', label: 'Dismissed' },
  { value: 'undone', label: 'Undone' },
  { value: 'open', label: 'Not decided' },
  { value: 'ignored', label: 'Ignored' },
  { value: 'suppressed', label: 'Held back' },
]

/** Decisions that a person made; the others never leave as data. */
export const downloadable = ['accepted', 'corrected', 'written', 'rejected', 'dismissed']

const reasons: Record<string, string> = {
  'opted-out': 'the person opted out',
  unreachable: 'the server was out of reach',
  'too-late': 'it came too late',
  'not-asked': 'nobody asked for one',
  'no-live-model': 'no model is live',
  'model-none': 'the model had none',
  'model-slow': 'the model was too slow',
  'model-down': 'the model was down',
  'model-wrong-shape': 'the model answered in the wrong form',
  confidence: 'the model was not sure enough',
  length: 'too long',
  'blocked-pattern': 'a blocked word',
  'sensitive-topic': 'a sensitive topic',
  trigger: 'no reply seemed wanted',
  language: 'a language the model does not know',
}

/** Why nothing was shown, in a few words; a rule without words of its own is named. */
export function heldBack(reason: string | null): string {
  if (!reason) return 'no suggestion'
  return reasons[reason] ?? `rule ${reason}`
}

/** `0.53`; a dash where there is nothing to measure. */
export const share = (value: number | null) => (value === null ? '–' : value.toFixed(2))
