import { openTexts, type Texts } from './kept-texts'
import { freshWork, isWorthKeeping, type Work } from './thread-work'

/** After this long a suggestion counts as ignored; only the words are given back. */
const suggestionsLiveMs = 24 * 60 * 60 * 1000

interface Draft {
  version: 1
  at: number
  work: Work
}

export interface Drafts extends Texts {
  read(key: string): Work | null
  write(key: string, work: Work): void
}

/** What is being written, on this device, per person and thread. Written at each keystroke, so a killed tab loses none. */
export function openDrafts(owner: string): Drafts {
  const texts = openTexts(owner)
  return {
    ...texts,
    read(key) {
      const stored = texts.readText(key)
      if (!stored) return null
      try {
        const draft = JSON.parse(stored) as Draft
        if (draft.version !== 1) return null
        if (Date.now() - draft.at > suggestionsLiveMs) return { ...freshWork, text: draft.work.text }
        return { ...draft.work, ready: true, refusal: null }
      } catch {
        return null
      }
    },
    write(key, work) {
      if (isWorthKeeping(work))
        texts.writeText(key, JSON.stringify({ version: 1, at: Date.now(), work } satisfies Draft))
      else texts.writeText(key, '')
    },
  }
}
