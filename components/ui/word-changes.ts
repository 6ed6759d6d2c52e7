import { diffWords } from 'diff'

export interface WordChange {
  kind: 'same' | 'out' | 'in'
  text: string
}

/** The word-by-word difference of two texts, in reading order. */
export function wordChanges(before: string, after: string): WordChange[] {
  return diffWords(before, after).map(part => ({
    kind: part.removed ? 'out' : part.added ? 'in' : 'same',
    text: part.value,
  }))
}

/** The difference as it is spoken: “brown dog became tabby cat”. */
export function spokenChanges(changes: readonly WordChange[]): string {
  const said: string[] = []
  for (let at = 0; at < changes.length; at += 1) {
    const change = changes[at] as WordChange
    const text = change.text.trim()
    if (change.kind === 'same' || !text) continue
    const next = changes[at + 1]
    if (change.kind === 'out' && next?.kind === 'in' && next.text.trim()) {
      said.push(`${text} became ${next.text.trim()}`)
      at += 1
    } else {
      said.push(change.kind === 'out' ? `${text} taken out` : `${text} added`)
    }
  }
  return said.length > 0 ? said.join('; ') : 'no words changed'
}

/** How many words went out and came in. */
export function countChanges(changes: readonly WordChange[]): { out: number; in: number } {
  const count = (kind: WordChange['kind']) =>
    changes
      .filter(change => change.kind === kind)
      .reduce((sum, change) => sum + change.text.split(/\s+/u).filter(Boolean).length, 0)
  return { out: count('out'), in: count('in') }
}
