'use client'
import styles from './keycap.module.css'
import { useMacKeys } from './platform'
import { useOwnChords } from './use-keys'

const symbols: Record<string, string> = {
  shift: '⇧',
  enter: '↵',
  escape: 'esc',
  ' ': 'space',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
}

function capText(key: string, mac: boolean): string {
  const name = key.toLowerCase()
  if (name === 'mod') return mac ? '⌘' : 'Ctrl'
  if (name === 'alt') return mac ? '⌥' : 'Alt'
  return symbols[name] ?? (key.length === 1 ? key.toUpperCase() : key)
}

/** Splits a chord such as `shift+z` into its keys; a lone `+` stays a key. */
function chordKeys(chord: string): string[] {
  return chord === '+' ? ['+'] : chord.split('+')
}

/** The value of `aria-keyshortcuts` for a usual chord, as the person has it; undefined for none. */
export function useShortcut(usual: string | undefined): string | undefined {
  const [chord] = useOwnChords(usual === undefined ? [] : [usual])
  return chord === undefined ? undefined : ariaShortcut(chord)
}

function ariaShortcut(chord: string): string {
  return chordKeys(chord)
    .map(key => {
      const name = key.toLowerCase()
      if (name === 'mod') return 'Control'
      if (name === ' ') return 'Space'
      return name.length === 1 ? name.toUpperCase() : name[0]?.toUpperCase() + name.slice(1)
    })
    .join('+')
}

interface KeycapProps {
  /** A chord as it comes with the page (`e`, `shift+z`, `mod+enter`): drawn is what the person made of it. */
  chord: string
  /** True inside a control whose name already says what it does. */
  decorative?: boolean
}

/** The keys of a page's usual chord, as the person has it; nothing where they switched it off. */
export function Keycap({ chord, decorative }: KeycapProps) {
  const [own] = useOwnChords([chord])
  return own === undefined ? null : <DrawnChord chord={own} decorative={decorative} />
}

/** One drawn key per part of the chord, as it is. Inside controls it hides where there is no keyboard. */
export function DrawnChord({
  chord,
  decorative = false,
}: {
  chord: string
  decorative?: boolean | undefined
}) {
  const mac = useMacKeys()
  return (
    <span
      className={styles.caps}
      data-decorative={decorative || undefined}
      aria-hidden={decorative || undefined}
    >
      {chordKeys(chord).map(key => (
        <kbd key={key} className={styles.cap}>
          {capText(key, mac)}
        </kbd>
      ))}
    </span>
  )
}
