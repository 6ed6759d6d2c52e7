'use client'
import { ArrowLeftRight, Ban, Keyboard, RotateCcw } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import {
  actOf,
  clashOf,
  type KeyAct,
  keyId,
  keysOf,
  ownChord,
  type PersonKeys,
  scopesWithKeys,
  whyNoKey,
} from '@/domain/key-map'
import { Button } from './button'
import styles from './key-editor.module.css'
import type { ChangeKeys } from './key-help'
import { DrawnChord } from './keycap'
import { useToast } from './toast'
import { eventChord, usePersonKeys } from './use-keys'

interface Props {
  /** Scopes that are open: their keys come first. */
  here: readonly string[]
  change: ChangeKeys
  refusalOf: (error: unknown) => string
}

/** What was said of the chord that was pressed for a key. */
interface Said {
  id: string
  words: string
  /** With whom it could change places. */
  swap: { id: string; chord: string } | null
}

/** Every key of every page, each to be given another chord, none, or its own again. A clash is refused, or swapped. */
export function KeyEditor({ here, change, refusalOf }: Props) {
  const { keys, setKeys } = usePersonKeys()
  const toast = useToast()
  const [open, setOpen] = useState<string | null>(null)
  const [said, setSaid] = useState<Said | null>(null)
  const [busy, setBusy] = useState(false)
  const near = scopesWithKeys.filter(scope => scope === 'Everywhere' || here.includes(scope))
  const far = scopesWithKeys.filter(scope => !near.includes(scope))

  const store = async (own: PersonKeys['own'], words: string) => {
    const before = keys.own
    setBusy(true)
    try {
      setKeys(await change({ own }))
      setOpen(null)
      setSaid(null)
      toast.show({
        icon: <Keyboard />,
        text: words,
        actionLabel: 'Undo',
        onAction: () => void back(Object.keys(own), before),
      })
    } catch (error) {
      setSaid({ id: Object.keys(own)[0] ?? '', words: refusalOf(error), swap: null })
    } finally {
      setBusy(false)
    }
  }
  const back = async (ids: readonly string[], before: PersonKeys['own']) => {
    const own = Object.fromEntries(
      ids.map(id => [id, Object.hasOwn(before, id) ? (before[id] ?? null) : (actOf(id)?.chord ?? null)]),
    )
    try {
      setKeys(await change({ own }))
      toast.show({ icon: <Keyboard />, text: 'Undone. Your keys are as they were.' })
    } catch (error) {
      toast.show({ icon: <Keyboard />, text: refusalOf(error) })
    }
  }
  const press = (act: KeyAct, id: string, chord: string) => {
    const why = chord === act.chord ? null : whyNoKey(chord)
    if (why) return setSaid({ id, words: why, swap: null })
    const clash = clashOf(keys.own, id, chord)
    if (clash)
      return setSaid({
        id,
        words: `${named(chord)} already is: ${clash.words}.`,
        swap: swapOf(id, clash.id, chord),
      })
    void store({ [id]: chord }, `${capital(act.words)} is ${named(chord)} now.`)
  }
  /** Possible where the other key may have this one's chord in its turn. */
  const swapOf = (id: string, otherId: string, chord: string): Said['swap'] => {
    const mine = chordOf(keys.own, id)
    return mine !== null && clashOf({ ...keys.own, [id]: null, [otherId]: null }, otherId, mine) === null
      ? { id: otherId, chord }
      : null
  }
  const differs = Object.keys(keys.own)
  const list = (scope: string) => (
    <div key={scope} className={styles.scope}>
      <h3>{scope}</h3>
      <ul>
        {keysOf(scope).map(act => {
          const id = keyId(scope, act.chord)
          return (
            <Row
              key={id}
              act={act}
              chord={ownChord(keys.own, scope, act.chord)}
              changed={Object.hasOwn(keys.own, id)}
              open={open === id}
              busy={busy}
              said={said?.id === id ? said : null}
              onOpen={() => {
                setOpen(open === id ? null : id)
                setSaid(null)
              }}
              onPress={chord => press(act, id, chord)}
              onOff={() => void store({ [id]: null }, `${capital(act.words)} has no key now.`)}
              onUsual={() => press(act, id, act.chord)}
              onSwap={swap => {
                const mine = chordOf(keys.own, id)
                void store({ [id]: swap.chord, [swap.id]: mine }, 'The two keys changed places.')
              }}
            />
          )
        })}
      </ul>
    </div>
  )
  return (
    <div className={styles.editor}>
      <p className={styles.hint}>
        Choose a key, then press the one you want. They are yours on every device you sign in on.
      </p>
      {near.map(list)}
      {far.length > 0 ? (
        <details>
          <summary>Keys of other pages</summary>
          <div className={styles.editor}>{far.map(list)}</div>
        </details>
      ) : null}
      <Button
        size="small"
        icon={<RotateCcw />}
        busy={busy}
        disabledReason={differs.length === 0 ? 'All keys are as they come.' : null}
        onClick={() =>
          void store(
            Object.fromEntries(differs.map(id => [id, actOf(id)?.chord ?? null])),
            'All keys are as they come.',
          )
        }
      >
        All as they come
      </Button>
    </div>
  )
}

interface RowProps {
  act: KeyAct
  chord: string | null
  changed: boolean
  open: boolean
  busy: boolean
  said: Said | null
  onOpen: () => void
  onPress: (chord: string) => void
  onOff: () => void
  onUsual: () => void
  onSwap: (swap: { id: string; chord: string }) => void
}

function Row({ act, chord, changed, open, busy, said, onOpen, onPress, onOff, onUsual, onSwap }: RowProps) {
  const button = useRef<HTMLButtonElement>(null)
  const listening = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) listening.current?.focus()
  }, [open])
  const leave = () => {
    onOpen()
    button.current?.focus()
  }
  const listen = (event: KeyboardEvent) => {
    const { key } = event.nativeEvent
    if (key === 'Tab' || ['Shift', 'Control', 'Meta', 'Alt', 'AltGraph', 'CapsLock'].includes(key)) return
    event.preventDefault()
    event.stopPropagation()
    if (key === 'Escape') leave()
    else if (!busy) onPress(eventChord(event.nativeEvent))
  }
  return (
    <li className={styles.row} data-open={open || undefined}>
      <span className={styles.words}>{act.words}</span>
      {act.fixed ? (
        <span className={styles.fixed}>
          <DrawnChord chord={act.chord} /> stays
        </span>
      ) : (
        <button
          ref={button}
          type="button"
          className={styles.key}
          aria-expanded={open}
          aria-label={`Change the key for ${act.words}: ${chord === null ? 'off' : named(chord)}`}
          onClick={onOpen}
        >
          {chord === null ? <span className={styles.off}>off</span> : <DrawnChord chord={chord} decorative />}
        </button>
      )}
      {open ? (
        <div className={styles.change}>
          <button
            ref={listening}
            type="button"
            className={styles.listen}
            aria-label={`Press the key for ${act.words}. Escape leaves it as it is.`}
            onKeyDown={listen}
          >
            Press a key…
          </button>
          <Button
            size="small"
            kind="quiet"
            icon={<Ban />}
            disabledReason={chord === null ? 'It is off.' : null}
            onClick={onOff}
          >
            Off
          </Button>
          {changed ? (
            <Button size="small" kind="quiet" icon={<RotateCcw />} onClick={onUsual}>
              {named(act.chord)} again
            </Button>
          ) : null}
        </div>
      ) : null}
      <div role="status" className={styles.said}>
        {said ? <p>{said.words}</p> : null}
        {said?.swap ? (
          <Button size="small" icon={<ArrowLeftRight />} onClick={() => said.swap && onSwap(said.swap)}>
            Let them change places
          </Button>
        ) : null}
      </div>
    </li>
  )
}

function chordOf(own: PersonKeys['own'], id: string): string | null {
  const act = actOf(id)
  return act ? ownChord(own, act.scope, act.chord) : null
}

const capital = (words: string) => `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`

const spoken: Record<string, string> = { mod: 'Ctrl', shift: 'Shift', enter: 'Enter' }

/** A chord in words: `Ctrl Enter`, `G`. */
function named(chord: string): string {
  const keys = chord === '+' ? ['+'] : chord.split('+')
  return keys.map(key => spoken[key] ?? key.toUpperCase()).join(' ')
}
