'use client'
import { X } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { keysOf, ownChord, type PersonKeys } from '@/domain/key-map'
import { Button } from './button'
import { Switch } from './checkbox'
import { ErrorNote } from './error-note'
import { IconButton } from './icon-button'
import styles from './key-help.module.css'
import { DrawnChord } from './keycap'
import { useKeyHelp, useKeys, useOpenScopes, usePersonKeys } from './use-keys'

const KeyEditor = lazy(async () => ({ default: (await import('./key-editor')).KeyEditor }))

/** Keeps a change of the person's keys; throws with a `detail` where it is refused. */
export type ChangeKeys = (change: Partial<PersonKeys>) => Promise<PersonKeys>

const ownScope = 'Key help'

/** The list of every key that works here, where they are changed and letters are turned off. Opened by `?`. */
export function KeyHelp({ change }: { change: ChangeKeys }) {
  const { helpOpen } = useKeyHelp()
  return helpOpen ? <KeyHelpPanel change={change} /> : null
}

function KeyHelpPanel({ change }: { change: ChangeKeys }) {
  const { setHelpOpen } = useKeyHelp()
  const { keys, setKeys } = usePersonKeys()
  const [editing, setEditing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const scopes = byName([...useOpenScopes(), everywhere])
  const panel = useRef<HTMLElement>(null)
  const close = () => setHelpOpen(false)
  useKeys(ownScope, [{ chord: 'escape', label: 'close this', run: close }])
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const switchLetters = async (lettersOn: boolean) => {
    setProblem(null)
    setKeys({ ...keys, lettersOn })
    try {
      setKeys(await change({ lettersOn }))
    } catch (error) {
      setKeys(keys)
      setProblem(refusalOf(error))
    }
  }
  return (
    <section ref={panel} className={styles.panel} aria-labelledby="key-help-title" tabIndex={-1}>
      <div className={styles.top}>
        <h2 id="key-help-title">{editing ? 'Change keys' : 'Keys'}</h2>
        <div className={styles.topActs}>
          <Button size="small" kind="quiet" onClick={() => setEditing(!editing)}>
            {editing ? 'Done' : 'Change keys'}
          </Button>
          <IconButton label="Close" icon={<X />} keyHint="escape" onClick={close} />
        </div>
      </div>
      <div className={styles.body}>
        {editing ? (
          <Suspense fallback={<p className={styles.hint}>…</p>}>
            <KeyEditor here={scopes.map(scope => scope.name)} change={change} refusalOf={refusalOf} />
          </Suspense>
        ) : (
          <div className={styles.scopes}>
            {scopes.map(scope => (
              <div key={scope.name} className={styles.scope}>
                <h3>{scope.name}</h3>
                <dl>
                  {scope.bindings.map(({ label, chord }) => (
                    <div key={label} className={styles.row}>
                      <dt>{label}</dt>
                      <dd>
                        <Chords own={keys.own} scope={scope.name} chords={[chord].flat()} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </div>
            ))}
          </div>
        )}
        <Switch
          label="Single-letter keys"
          hint="Off: letters do nothing outside text fields. Every key has a control you can press instead."
          checked={keys.lettersOn}
          onChange={on => void switchLetters(on)}
        />
        {problem ? <ErrorNote title="That did not save.">{problem}</ErrorNote> : null}
      </div>
    </section>
  )
}

function Chords({ own, scope, chords }: { own: PersonKeys['own']; scope: string; chords: string[] }) {
  const found = chords.flatMap(chord => ownChord(own, scope, chord) ?? [])
  if (found.length === 0) return <span className={styles.off}>off</span>
  return found.map(chord => <DrawnChord key={chord} chord={chord} />)
}

function refusalOf(error: unknown): string {
  const { detail } = (error ?? {}) as { detail?: string }
  return `Your keys are as they were. ${detail ?? 'Try again.'}`
}

interface Listed {
  name: string
  bindings: { chord: string | string[]; label: string }[]
}

/** Parts of a page may each bind keys under the page's name; they are listed as one. */
function byName(scopes: readonly Listed[]): Listed[] {
  const listed = new Map<string, Listed>()
  for (const scope of scopes) {
    if (scope.name === ownScope || scope.bindings.length === 0) continue
    const known = listed.get(scope.name)
    const fresh = scope.bindings.filter(
      binding => !known?.bindings.some(other => other.label === binding.label),
    )
    listed.set(scope.name, { name: scope.name, bindings: [...(known?.bindings ?? []), ...fresh] })
  }
  // What works everywhere comes last.
  return [...listed.values()].sort(
    (a, b) => Number(a.name === everywhere.name) - Number(b.name === everywhere.name),
  )
}

const everywhere: Listed = {
  name: 'Everywhere',
  bindings: keysOf('Everywhere')
    .filter(({ chord }) => chord === '?' || chord === 'escape')
    .map(({ chord, words }) => ({ chord, label: words })),
}
