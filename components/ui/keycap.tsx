'use client'
import styles from './keycap.module.css'
import { useMacKeys } from './platform'

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
export function chordKeys(chord: string): string[] {
  return chord === '+' ? ['+'] : chord.split('+')
}

/** The value of `aria-keyshortcuts` for a chord. */
export function ariaShortcut(chord: string): string {
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
  /** A chord: `e`, `shift+z`, `mod+enter`. */
  chord: string
  /** True inside a control whose name already says what it does. */
  decorative?: boolean
}

/** One drawn key per part of the chord. Inside controls it hides where there is no keyboard. */
export function Keycap({ chord, decorative = false }: KeycapProps) {
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
