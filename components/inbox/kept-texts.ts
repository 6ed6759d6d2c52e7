const prefix = 'amend.draft.'

export interface Texts {
  /** Empty where nothing is kept. */
  readText(name: string): string
  writeText(name: string, text: string): void
  clear(): void
}

/** Texts of one person on this device, by name. */
export function openTexts(owner: string): Texts {
  const nameOf = (name: string) => `${prefix}${owner}.${name}`
  return {
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
