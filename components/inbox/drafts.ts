import { freshWork, isWorthKeeping, type Work } from './thread-work'

const prefix = 'amend.draft.'
/** After this long a suggestion counts as ignored; only the words are given back. */
const suggestionsLiveMs = 24 * 60 * 60 * 1000

interface Draft {
  version: 1
  at: number
  work: Work
}

export interface Drafts {
  read(key: string): Work | null
  write(key: string, work: Work): void
  readText(name: string): string
  writeText(name: string, text: string): void
  clear(): void
}

/** What is being written, on this device, per person and thread. Written at each keystroke, so a killed tab loses none. */
export function openDrafts(owner: string): Drafts {
  const nameOf = (key: string) => `${prefix}${owner}.${key}`
  return {
    read(key) {
      const stored = get(nameOf(key))
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
        put(nameOf(key), JSON.stringify({ version: 1, at: Date.now(), work } satisfies Draft))
      else put(nameOf(key), null)
    },
    readText: name => get(nameOf(name)) ?? '',
    writeText: (name, text) => put(nameOf(name), text || null),
    clear: () => clearOwn(`${prefix}${owner}.`),
  }
}

/** Forgets every draft on this device, of whomever: at sign-out. */
export function forgetAllDrafts(): void {
  clearOwn(prefix)
}

function clearOwn(start: string): void {
  try {
    const names = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at))
    for (const name of names) if (name?.startsWith(start)) localStorage.removeItem(name)
  } catch {
    // Storage is switched off: nothing was kept.
  }
}

function get(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function put(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // Full or switched off: the text stays in the page, where the person sees it.
  }
}
