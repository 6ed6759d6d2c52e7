import type { HistoryEntry } from '@/contract/v1/feedback'

/** What the person did at once: the entry that stands for it, and all that it was. */
export interface HistoryAct {
  entry: HistoryEntry
  all: HistoryEntry[]
}

/** Entries that were one act stand as one, where the newest of them stood; what undid them all at once too. */
export function togetherOf(entries: readonly HistoryEntry[]): HistoryAct[] {
  const acts = new Map<string, HistoryAct>()
  for (const entry of entries) {
    const name = entry.batchId ?? entry.id
    const act = acts.get(name)
    if (!act) acts.set(name, { entry, all: [entry] })
    else {
      act.all.push(entry)
      // What can still be taken back speaks for the others.
      if (!act.entry.undoable && !act.entry.redoable && (entry.undoable || entry.redoable)) act.entry = entry
    }
  }
  return [...acts.values()]
}
