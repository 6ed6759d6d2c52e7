'use client'
import { type ReactNode, useEffect, useRef } from 'react'
import { classNames } from './class-names'
import { DrawnChord, Keycap, useShortcut } from './keycap'
import styles from './status-lane.module.css'
import { useKeyHelp, useOwnChords, usePersonKeys, useTyping } from './use-keys'

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
  const { lettersOn } = usePersonKeys().keys
  const helpKey = useShortcut('?')
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
  return (
    <footer ref={lane} className={styles.lane} data-typing={typing || undefined}>
      <ul className={styles.keys} aria-label="Keys on this page">
        {typing ? (
          <li className={styles.leave}>
            <Keycap chord="escape" /> stop typing, then
          </li>
        ) : null}
        {keys.map(key => (
          <LaneKeyItem key={key.label} laneKey={key} typing={typing} lettersOn={lettersOn} />
        ))}
      </ul>
      <div className={styles.state} role="status">
        {state}
      </div>
      <button
        type="button"
        className={styles.help}
        aria-expanded={helpOpen}
        aria-keyshortcuts={helpKey}
        onClick={() => setHelpOpen(!helpOpen)}
      >
        <Keycap chord="?" decorative /> <span>all keys</span>
      </button>
    </footer>
  )
}

/** Nothing where the person has switched all of its keys off. */
function LaneKeyItem({
  laneKey: { chords, label, whileTyping },
  typing,
  lettersOn,
}: {
  laneKey: LaneKey
  typing: boolean
  lettersOn: boolean
}) {
  const own = useOwnChords([chords].flat())
  if (own.length === 0) return null
  const inFields = own.every(chord => chord.includes('mod+'))
  const dim = !inFields && (!lettersOn || (typing && !whileTyping))
  return (
    <li className={classNames(styles.key, dim ? styles.dim : null)}>
      {own.map(chord => (
        <DrawnChord key={chord} chord={chord} />
      ))}{' '}
      {label}
    </li>
  )
}
