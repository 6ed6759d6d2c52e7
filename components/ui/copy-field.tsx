'use client'
import { Check, Copy } from 'lucide-react'
import { useId, useRef } from 'react'
import { Button } from './button'
import styles from './copy-field.module.css'
import { useCopy } from './use-copy'

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
  const { copy, copied, said } = useCopy(value, () => input.current?.select())
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
        <Button icon={copied ? <Check /> : <Copy />} onClick={copy}>
          Copy
        </Button>
      </div>
      <p id={`${id}-hint`} className={styles.hint} aria-live="polite">
        {said ?? hint}
      </p>
    </div>
  )
}
