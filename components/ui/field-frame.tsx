import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names'
import styles from './field-frame.module.css'

export interface FieldFrameProps {
  /** Always spoken; `labelHidden` only takes it off the screen. */
  label: string
  labelHidden?: boolean
  /** Sits at the right end of the label line: “Optional”, “Draft saved”. */
  note?: ReactNode
  hint?: ReactNode
  /** What is wrong and how to mend it; takes the hint's place beneath the field. */
  error?: string | null
}

/** The ids that tie a field to the words beneath it. */
export function fieldWiring(id: string, { hint, error }: Pick<FieldFrameProps, 'hint' | 'error'>) {
  return {
    id,
    'aria-invalid': error ? (true as const) : undefined,
    'aria-describedby': error || hint ? `${id}-words` : undefined,
  }
}

export function FieldFrame({
  id,
  label,
  labelHidden,
  note,
  hint,
  error,
  className,
  children,
}: FieldFrameProps & { id: string; className?: string; children: ReactNode }) {
  return (
    <div className={classNames(styles.frame, className)}>
      {labelHidden && !note ? (
        <label htmlFor={id} className="visually-hidden">
          {label}
        </label>
      ) : (
        <div className={styles.top}>
          <label htmlFor={id} className={labelHidden ? 'visually-hidden' : styles.label}>
            {label}
          </label>
          {note ? <span className={styles.note}>{note}</span> : null}
        </div>
      )}
      {children}
      <div id={`${id}-words`} aria-live="polite">
        {error ? (
          <p className={styles.error}>
            <CircleAlert aria-hidden />
            <span>{error}</span>
          </p>
        ) : hint ? (
          <p className={styles.hint}>{hint}</p>
        ) : null}
      </div>
    </div>
  )
}
