import type { BulkAct } from '@/domain/bulk-acts'
import type { ExploreColumn, ReadyView } from '@/domain/explore-words'
import type { FilterName } from '../study/feedback-address'

export const tokenNames: Record<FilterName, string> = {
  text: 'words',
  state: 'decision',
  show: 'view',
  version: 'version',
  arm: 'arm',
  blind: 'blind',
  holdback: 'holdback',
  confidenceFrom: 'confidence from',
  confidenceTo: 'confidence to',
  editFrom: 'edit from',
  editTo: 'edit to',
  tag: 'tag',
  attribute: 'attribute',
  group: 'group',
  import: 'import',
  excluded: 'out of datasets',
  from: 'from',
  to: 'to',
  simulated: 'simulated',
}

export const readyWords: Record<ReadyView, { name: string; means: string }> = {
  errors: { name: 'Errors', means: 'of the live model: rejected, corrected or flagged' },
  'confident-errors': { name: 'Sure and wrong', means: 'errors with a confidence of 0.8 and more' },
  undone: { name: 'Undone', means: 'of the live model: taken back, whatever stands now' },
  versions: { name: 'Versions disagree', means: 'another version suggests something else for the item' },
  disagreements: { name: 'People disagree', means: 'decided differently, or in dispute in review' },
  flagged: { name: 'Flagged', means: 'somebody flagged it' },
  guardrail: { name: 'Held back', means: 'a guardrail withheld the suggestion' },
  unanswered: { name: 'Unanswered', means: 'shown, and nobody decided' },
}

export const columnNames: Record<ExploreColumn, string> = {
  decision: 'Decision',
  version: 'Version',
  confidence: 'Confidence',
  edit: 'Edit',
  by: 'By',
  time: 'Time',
  arm: 'Arm',
  tags: 'Tags',
}

export const onlyWords: Record<string, string> = {
  only: 'only these',
  exclude: 'left out',
  include: 'included',
}

export const number = (value: number) => value.toLocaleString('en')
export const plural = (count: number, one: string, many: string) =>
  `${number(count)} ${count === 1 ? one : many}`

/** What was done, for the toast and the button. */
export function doneWords(act: BulkAct, items: number): string {
  const what = plural(items, 'item', 'items')
  switch (act.kind) {
    case 'tag':
      return `Tagged ${what} “${act.tag}”.`
    case 'untag':
      return `Took “${act.tag}” off ${what}.`
    case 'queue':
      return `Put ${what} into the queue.`
    case 'exclude':
      return `Kept ${what} out of datasets.`
    case 'include':
      return `Let ${what} into datasets again.`
    case 'redact':
      return `Took personal data out of ${what}.`
  }
}
