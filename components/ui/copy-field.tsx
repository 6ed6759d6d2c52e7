'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { Button } from './button'
import styles from './copy-field.module.css'

export interface CopyFieldProps {
  label: string
  value: string
  /** “Shown once. Keep it somewhere safe.” */
  hint?: string
}

/** A key or link to take away. */
export function CopyField({ label, value, hint }: CopyFieldProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [state, setState] = useState<'rest' | 'copied' | 'refused'>('rest')
  useEffect(() => {
    if (state === 'rest') return
    const timer = setTimeout(() => setState('rest'), 4000)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setState('copied')
    } catch {
      // The clipboard is closed without TLS or permission: the text is selected for the person to copy.
      input.current?.select()
      setState('refused')
    }
  }
  return (
    <div className={styles.frame}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.box}>
        <input
          ref={input}
          id={id}
          readOnly
          value={value}
          className={styles.value}
          aria-describedby={`${id}-hint`}
          onFocus={event => event.target.select()}
        />
        <Button icon={state === 'copied' ? <Check /> : <Copy />} onClick={copy}>
          Copy
        </Button>
      </div>
      <p id={`${id}-hint`} className={styles.hint} aria-live="polite">
        {state === 'copied'
          ? 'Copied.'
          : state === 'refused'
            ? 'Selected. Copy it with your keyboard.'
            : hint}
      </p>
    </div>
  )
}
