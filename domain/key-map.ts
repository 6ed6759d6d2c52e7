/** One key of a page: the chord that it comes with, and what it does. */
export interface KeyAct {
  chord: string
  words: string
  /** Stays as it is: it leads out of every field and panel. */
  fixed?: true
}

const act = (chord: string, words: string): KeyAct => ({ chord, words })
const numbered = (most: number, words: string) =>
  Array.from({ length: most }, (_, at) => act(String(at + 1), `${words} ${at + 1}`))

/**
 * Every key that a page binds, by the scope that binds it (`useKeys`). Keys of `Everywhere` mean the same in each scope that
 * knows them. A key that is not listed works, and can't be changed: a test holds this list against the pages.
 */
export const boundKeys = {
  Everywhere: [
    act('z', 'undo'),
    act('shift+z', 'redo'),
    act('[', 'previous'),
    act(']', 'next'),
    act('mod+k', 'find or do'),
    act('?', 'keys'),
    { chord: 'escape', words: 'leave field or panel', fixed: true },
  ],
  Inbox: [
    ...numbered(3, 'choose suggestion'),
    act('e', 'edit first'),
    act('x', 'dismiss'),
    act('r', 'write'),
    act('mod+enter', 'send'),
    act('j', 'next thread'),
    act('k', 'previous thread'),
  ],
  Album: [
    act('j', 'next photo'),
    act('k', 'previous photo'),
    act('a', 'accept'),
    act('e', 'edit'),
    act('x', 'dismiss'),
    act('mod+enter', 'save the caption'),
  ],
  Demand: [
    act('j', 'next period'),
    act('k', 'previous period'),
    act('shift+j', 'select down'),
    act('shift+k', 'select up'),
    act('space', 'select'),
    act('a', 'accept'),
    act('e', 'override'),
    act('s', 'shift what is selected'),
    act('mod+enter', 'save the number'),
  ],
  Workbench: [
    act('a', 'good'),
    act('u', 'usable'),
    act('x', 'wrong'),
    ...numbered(9, 'reason'),
    act('j', 'next suggestion'),
    act('k', 'suggestion before'),
    act('e', 'edit'),
    act('mod+enter', 'save and next'),
    act('shift+mod+enter', 'accept as is'),
    act('s', 'skip'),
    act('shift+s', 'skip, with a reason'),
    act('f', 'flag'),
    act('shift+f', 'flag, with a reason'),
    act('q', 'ask a curator'),
    act('g', 'guide'),
    act('d', 'more like this'),
  ],
  Picture: [act('+', 'zoom in'), act('-', 'zoom out'), act('0', 'whole picture')],
  Blind: [
    act('mod+enter', 'keep mine'),
    act('m', 'model’s is better'),
    act('b', 'both fine'),
    act('e', 'amend mine'),
  ],
  Practice: [act('mod+enter', 'go on')],
  Adjudicate: [
    ...numbered(9, 'pick answer'),
    act('e', 'edit the pick'),
    act('b', 'accept several'),
    act('q', 'send back with a note'),
    act('mod+enter', 'settle and next'),
  ],
  Items: [act('j', 'next item'), act('k', 'previous item'), act('o', 'open or close the item')],
  Feedback: [
    act('/', 'filter'),
    act('j', 'next row'),
    act('k', 'previous row'),
    act('g', 'slice'),
    act('d', 'add to a dataset'),
  ],
  Models: [act('j', 'next slice'), act('k', 'slice before'), act('p', 'promote'), act('b', 'roll back')],
  Dataset: [act('d', 'download'), act('y', 'copy snippet'), act('c', 'compare')],
  Monitor: [act('j', 'next alert'), act('k', 'alert before'), act('t', 'take it'), act('n', 'snooze')],
  'What arrives': [act('j', 'next'), act('k', 'previous'), act('p', 'pause'), act('r', 'refused only')],
  'My history': [],
  Item: [],
  'Why these?': [],
  Menu: [],
  'Key help': [],
  Notice: [],
} as const satisfies Record<string, readonly KeyAct[]>

/** A part of the app that binds keys. */
export type BoundScope = keyof typeof boundKeys

const everywhere = 'Everywhere'
const acts = boundKeys as Record<string, readonly KeyAct[]>

/** Names of the scopes that have keys to change. */
export const scopesWithKeys = (Object.keys(boundKeys) as BoundScope[]).filter(
  scope => (acts[scope]?.length ?? 0) > 0,
)

/** What a scope binds, with the chords that it comes with. */
export const keysOf = (scope: string): readonly KeyAct[] =>
  (Object.hasOwn(acts, scope) ? acts[scope] : null) ?? []

/** How a person wants their keys. */
export interface PersonKeys {
  /** Off: keys without Ctrl or ⌘ do nothing. */
  lettersOn: boolean
  /** By key id the chord in place of the one that it came with; null for none. Only what differs. */
  own: Readonly<Record<string, string | null>>
}

export const usualKeys: PersonKeys = { lettersOn: true, own: {} }

/** What names a key whatever it has become: its scope and the chord that it came with, as `Workbench:a`. */
export function keyId(scope: string, chord: string): string {
  return `${keysOf(everywhere).some(one => one.chord === chord) ? everywhere : scope}:${chord}`
}

/** The chord that does in a scope what `chord` does there by default; null when it was switched off. */
export function ownChord(own: PersonKeys['own'], scope: string, chord: string): string | null {
  const id = keyId(scope, chord)
  return Object.hasOwn(own, id) ? (own[id] ?? null) : chord
}

/** The act that an id names, with its scope; undefined for none. */
export function actOf(id: string): (KeyAct & { scope: string }) | undefined {
  const at = id.indexOf(':')
  const [scope, chord] = [id.slice(0, at), id.slice(at + 1)]
  const found = keysOf(scope).find(one => one.chord === chord)
  return found && { ...found, scope }
}

/** What browsers and fields use with Ctrl or ⌘. */
const taken = new Set([...'acdfghjlnopqrstuvwxyz0123456789+-='])
const modifiers = ['shift', 'mod', 'alt']

/**
 * Why a chord can't be a key; null when it can. One character alone, or Ctrl (⌘) with one that no browser uses. `shift+`
 * goes with letters and Enter; other characters say it themselves (`?`).
 */
export function whyNoKey(chord: string): string | null {
  const parts = chord === '+' ? ['+'] : chord.split('+')
  const key = parts.at(-1) ?? ''
  const held = parts.slice(0, -1)
  const ordered = modifiers.filter(name => held.includes(name))
  if (key === '' || ordered.join() !== held.join() || chord !== chord.toLowerCase())
    return 'That is not a key.'
  if (held.includes('alt')) return 'Keys with Alt or ⌥ write characters in many languages. Take another one.'
  const mod = held.includes('mod')
  if (key === 'enter') return mod ? null : 'Enter presses the control that has focus. Take another one.'
  if ([...key].length !== 1 || key.trim() === '')
    return 'Keys that move, leave or press what has focus stay as they are. Take a letter, a digit or a sign.'
  if (held.includes('shift') && key.toUpperCase() === key) return 'That is not a key.'
  if (mod && taken.has(key)) return 'The browser or the field uses that one. Take another one.'
  return null
}

/** What else a chord does where the key works: its words, and its id for changing places. Null when it is free. */
export function clashOf(
  own: PersonKeys['own'],
  id: string,
  chord: string,
): { id: string; words: string } | null {
  const mine = actOf(id)
  const scopes = mine?.scope === everywhere ? scopesWithKeys : [everywhere, mine?.scope ?? '']
  for (const scope of scopes)
    for (const other of keysOf(scope)) {
      const otherId = keyId(scope, other.chord)
      if (otherId !== id && ownChord(own, scope, other.chord) === chord)
        return {
          id: otherId,
          words: scope === everywhere ? `${other.words}, everywhere` : `${other.words} (${scope})`,
        }
    }
  return null
}

/** What is wrong with a whole map, by the key that it is wrong of; null when nothing is. */
export function whyNoKeys(own: PersonKeys['own']): { id: string; why: string } | null {
  for (const [id, chord] of Object.entries(own)) {
    const found = actOf(id)
    if (!found) return { id, why: `There is no key ${id}.` }
    if (found.fixed) return { id, why: `${found.words} stays on its key.` }
    if (chord === null) continue
    const why = chord === found.chord ? null : whyNoKey(chord)
    if (why) return { id, why }
    const clash = clashOf(own, id, chord)
    if (clash) return { id, why: `“${chord}” already is: ${clash.words}.` }
  }
  return null
}

/** The map after a change: what is set to the chord that it came with is no longer listed. */
export function withKeys(own: PersonKeys['own'], change: PersonKeys['own']): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries({ ...own, ...change }).filter(([id, chord]) => actOf(id)?.chord !== chord),
  )
}

/** As much of a stored map as still names keys: a page may have lost one since. */
export function knownKeys(own: PersonKeys['own']): Record<string, string | null> {
  const known = Object.fromEntries(Object.entries(own).filter(([id]) => actOf(id) !== undefined))
  return whyNoKeys(known) === null ? known : {}
}
