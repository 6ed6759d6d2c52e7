'use client'
import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Switch } from './checkbox'
import { IconButton } from './icon-button'
import styles from './key-help.module.css'
import { Keycap } from './keycap'
import { useKeyHelp, useKeys, useLetterKeys, useOpenScopes } from './use-keys'

const ownScope = 'Key help'

/** The list of every key that works here, with the switch that turns letters off. Opened by `?`. */
export function KeyHelp() {
  const { helpOpen } = useKeyHelp()
  return helpOpen ? <KeyHelpPanel /> : null
}

function KeyHelpPanel() {
  const { setHelpOpen } = useKeyHelp()
  const { lettersOn, setLettersOn } = useLetterKeys()
  const scopes = useOpenScopes()
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
  return (
    <section ref={panel} className={styles.panel} aria-labelledby="key-help-title" tabIndex={-1}>
      <div className={styles.top}>
        <h2 id="key-help-title">Keys</h2>
        <IconButton label="Close" icon={<X />} keyHint="escape" onClick={close} />
      </div>
      <div className={styles.scopes}>
        {[...byName(scopes), everywhere].map(scope => (
          <div key={scope.name} className={styles.scope}>
            <h3>{scope.name}</h3>
            <dl>
              {scope.bindings.map(binding => (
                <div key={binding.label} className={styles.row}>
                  <dt>{binding.label}</dt>
                  <dd>
                    {[binding.chord].flat().map(chord => (
                      <Keycap key={chord} chord={chord} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
      <Switch
        label="Single-letter keys"
        hint="Off: letters do nothing outside text fields. Every key has a control you can press instead."
        checked={lettersOn}
        onChange={setLettersOn}
      />
    </section>
  )
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
  return [...listed.values()]
}

const everywhere: Listed = {
  name: 'Everywhere',
  bindings: [
    { chord: '?', label: 'keys' },
    { chord: 'escape', label: 'leave field or panel' },
  ],
}
