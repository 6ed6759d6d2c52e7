'use client'
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import { type BoundScope, keysOf, ownChord, type PersonKeys, usualKeys } from '@/domain/key-map'

export interface KeyBinding {
  /** A chord (`e`, `1`, `shift+z`, `mod+enter`, `escape`) or several that do the same. */
  chord: string | string[]
  /** What it does, as the lane and the key help say it. */
  label: string
  run: (event: KeyboardEvent) => void
  enabled?: boolean
  /** Chords with `mod` and Escape work inside text fields anyway; this lets another one in. */
  whileTyping?: boolean
  /** Goes on while the key is held, for moving through a list. */
  repeat?: boolean
}

interface Scope {
  name: BoundScope
  bindings: KeyBinding[]
}

interface KeysStore {
  add: (scope: Scope) => () => void
  subscribe: (listener: () => void) => () => void
  scopes: () => Scope[]
}

interface KeysContext {
  store: KeysStore
  keys: PersonKeys
  setKeys: (keys: PersonKeys) => void
  typing: boolean
  helpOpen: boolean
  setHelpOpen: (open: boolean) => void
}

const Context = createContext<KeysContext | null>(null)
/** Tells other tabs of this person. */
const channelName = 'amend.keys'

function makeStore(): KeysStore {
  let scopes: Scope[] = []
  const listeners = new Set<() => void>()
  const change = (next: Scope[]) => {
    scopes = next
    for (const listener of listeners) listener()
  }
  return {
    add(scope) {
      change([...scopes, scope])
      return () => change(scopes.filter(other => other !== scope))
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    scopes: () => scopes,
  }
}

/** Whether keys pressed now would write text. */
function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLTextAreaElement) return !target.readOnly
  if (target instanceof HTMLSelectElement) return true
  return (
    target instanceof HTMLInputElement &&
    !target.readOnly &&
    !['button', 'checkbox', 'radio', 'submit', 'reset', 'range', 'color', 'file', 'image'].includes(
      target.type,
    )
  )
}

/** The chord an event stands for. Shift counts only with keys that it doesn't itself change (`?`, `!`). */
export function eventChord(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>,
): string {
  const key = event.key.toLowerCase()
  const isLetter = key.length > 1 || key.toUpperCase() !== key || key === ' '
  return [
    event.shiftKey && isLetter ? 'shift' : null,
    event.ctrlKey || event.metaKey ? 'mod' : null,
    event.altKey ? 'alt' : null,
    key,
  ]
    .filter(Boolean)
    .join('+')
}

function inOrder(chord: string): string {
  if (chord === '+') return chord
  const keys = chord.toLowerCase().split('+')
  const last = keys.at(-1) ?? ''
  return [...['shift', 'mod', 'alt'].filter(name => keys.slice(0, -1).includes(name)), last].join('+')
}

/** Listens once for the whole app and gives each press to the scope opened last that knows it. */
export function KeysProvider({
  initial = usualKeys,
  children,
}: {
  /** How the person wants their keys. */
  initial?: PersonKeys
  children: ReactNode
}) {
  const [store] = useState(makeStore)
  const [keys, setOwnKeys] = useState(initial)
  const { lettersOn, own } = keys
  const [typing, setTyping] = useState(false)
  const [helpOpen, setHelpOpen] = useState(false)

  useEffect(() => {
    const follow = () => setTyping(isTextField(document.activeElement))
    document.addEventListener('focusin', follow)
    document.addEventListener('focusout', follow)
    return () => {
      document.removeEventListener('focusin', follow)
      document.removeEventListener('focusout', follow)
    }
  }, [])

  const channel = useRef<BroadcastChannel | null>(null)
  useEffect(() => {
    if (typeof BroadcastChannel === 'undefined') return
    const opened = new BroadcastChannel(channelName)
    channel.current = opened
    opened.onmessage = ({ data }: MessageEvent<PersonKeys>) => setOwnKeys(data)
    return () => {
      channel.current = null
      opened.close()
    }
  }, [])
  const setKeys = useCallback((changed: PersonKeys) => {
    setOwnKeys(changed)
    channel.current?.postMessage(changed)
  }, [])

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const chord = eventChord(event)
    const inField = isTextField(event.target)
    const isLetter = !chord.includes('mod+') && chord !== 'escape' && chord !== 'shift+escape'
    if (event.altKey || (isLetter && !lettersOn)) return
    // An open menu owns the keyboard.
    if (document.querySelector('[role="menu"]')) return
    // Enter and space press the control that has focus.
    if (
      (chord === 'enter' || chord === ' ') &&
      event.target instanceof Element &&
      event.target.closest('a, button, summary, label')
    )
      return
    if (chord === ownChord(own, 'Everywhere', '?') && !inField && !event.repeat) {
      event.preventDefault()
      setHelpOpen(!helpOpen)
      return
    }
    for (const scope of store.scopes().toReversed()) {
      for (const binding of scope.bindings) {
        if (event.repeat && !binding.repeat) continue
        if (binding.enabled === false || (inField && isLetter && !binding.whileTyping)) continue
        const pressed = (usual: string) => ownChord(own, scope.name, inOrder(usual)) === chord
        if (![binding.chord].flat().some(pressed)) continue
        event.preventDefault()
        binding.run(event)
        return
      }
    }
    if (chord === 'escape' && event.target instanceof HTMLElement && inField) event.target.blur()
  })

  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])

  const value = useMemo(
    () => ({ store, keys, setKeys, typing, helpOpen, setHelpOpen }),
    [store, keys, setKeys, typing, helpOpen],
  )
  return <Context value={value}>{children}</Context>
}

function useKeysContext(): KeysContext {
  const context = use(Context)
  if (!context) throw new Error('Keys are used outside KeysProvider')
  return context
}

/**
 * Binds keys while the calling component is mounted. Letters work outside text fields only; `mod` chords and
 * Escape also inside. Where two scopes know a key, the one opened last gets it.
 */
export function useKeys(name: BoundScope, bindings: KeyBinding[]): void {
  const { store } = useKeysContext()
  // The scope object stays the same for its whole life, so that re-renders do not change the order of scopes.
  const scope = useRef<Scope>({ name, bindings })
  useEffect(() => {
    scope.current.name = name
    scope.current.bindings = bindings
  })
  useEffect(() => store.add(scope.current), [store])
}

/** The scopes that are open now, for the key help. */
export function useOpenScopes(): Scope[] {
  const { store } = useKeysContext()
  return useSyncExternalStore(store.subscribe, store.scopes, store.scopes)
}

/** Whether a text field has focus, so that letters write instead of act. */
export function useTyping(): boolean {
  return useKeysContext().typing
}

/** How the person wants their keys, as the server keeps it; setting it tells their other tabs. */
export function usePersonKeys() {
  const { keys, setKeys } = useKeysContext()
  return { keys, setKeys }
}

const never = () => () => {}

/**
 * What these chords have become for the person, in the order given, without those that they switched off. Of two open scopes
 * that know a chord the one opened last counts, as it does for a press.
 */
export function useOwnChords(chords: readonly string[]): string[] {
  const context = use(Context)
  const own = context?.keys.own ?? usualKeys.own
  const changed = Object.keys(own).length > 0
  const look = () => {
    const scopes = changed ? (context?.store.scopes() ?? []) : []
    return chords.map(chord => becomes(own, scopes, chord) ?? '').join(' ')
  }
  const before = () => chords.map(chord => becomes(own, [], chord) ?? '').join(' ')
  return useSyncExternalStore(changed && context ? context.store.subscribe : never, look, before)
    .split(' ')
    .filter(chord => chord !== '')
}

function becomes(own: PersonKeys['own'], scopes: readonly Scope[], chord: string): string | null {
  const knows = (scope: string) => keysOf(scope).some(one => one.chord === chord)
  const scope = knows('Everywhere') ? 'Everywhere' : scopes.findLast(({ name }) => knows(name))?.name
  if (scope) return ownChord(own, scope, chord)
  // While no scope is open, as where the server draws: what it became, if it became one thing alone.
  const changes = Object.entries(own).filter(([id]) => id.slice(id.indexOf(':') + 1) === chord)
  return changes.length === 1 && changes[0] ? changes[0][1] : chord
}

export function useKeyHelp() {
  const { helpOpen, setHelpOpen } = useKeysContext()
  return { helpOpen, setHelpOpen }
}
