'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import { classNames } from './class-names'
import { Keycap } from './keycap'
import styles from './status-lane.module.css'
import { useKeyHelp, useLetterKeys, useTyping } from './use-keys'

export interface LaneKey {
  /** One chord, or several that belong together (`['1', '2', '3']`). */
  chords: string | string[]
  label: string
  /** Works inside text fields too, so it is not dimmed while typing. `mod` chords always are such. */
  whileTyping?: boolean
}

export interface StatusLaneProps {
  keys?: LaneKey[]
  /** What is true now: “3 wait on this device”, “Rows 1 to 15”. Announced politely when it changes. */
  state?: ReactNode
}

/** The permanent 48 px lane at the foot of a page. Put it last in the page's column. */
export function StatusLane({ keys = [], state }: StatusLaneProps) {
  const typing = useTyping()
  const { lettersOn } = useLetterKeys()
  const { helpOpen, setHelpOpen } = useKeyHelp()
  const lane = useRef<HTMLElement>(null)
  useEffect(() => {
    const element = lane.current
    if (!element) return
    // Toasts stand above the lane's left end, wherever the page has put the lane.
    const follow = () => {
      const inset =
        element.getBoundingClientRect().left + Number.parseFloat(getComputedStyle(element).paddingLeft)
      document.documentElement.style.setProperty('--toast-left', `${inset}px`)
    }
    const watcher = new ResizeObserver(follow)
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [])
  const isChord = (key: LaneKey) => [key.chords].flat().every(chord => chord.includes('mod+'))
  return (
    <footer ref={lane} className={styles.lane} data-typing={typing || undefined}>
      <ul className={styles.keys} aria-label="Keys on this page">
        {typing ? (
          <li className={styles.leave}>
            <Keycap chord="escape" /> stop typing, then
          </li>
        ) : null}
        {keys.map(key => (
          <li
            key={key.label}
            className={classNames(
              styles.key,
              (!lettersOn && !isChord(key)) || (typing && !key.whileTyping && !isChord(key))
                ? styles.dim
                : null,
            )}
          >
            {[key.chords].flat().map(chord => (
              <Keycap key={chord} chord={chord} />
            ))}{' '}
            {key.label}
          </li>
        ))}
      </ul>
      <div className={styles.state} role="status">
        {state}
      </div>
      <button
        type="button"
        className={styles.help}
        aria-expanded={helpOpen}
        aria-keyshortcuts="?"
        onClick={() => setHelpOpen(!helpOpen)}
      >
        <Keycap chord="?" decorative /> <span>all keys</span>
      </button>
    </footer>
  )
}
