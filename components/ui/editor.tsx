'use client'
import { Lock } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { classNames } from './class-names'
import styles from './editor.module.css'
import { FieldFrame, type FieldFrameProps, fieldWiring } from './field-frame'

export interface EditorProps extends FieldFrameProps, Omit<ComponentProps<'textarea'>, 'children'> {
  /** Rows reserved from the first paint, so that typing moves nothing. */
  rows?: number
  /** Content being judged is 18 px in a reading column, 16 px in a list. */
  size?: 'list' | 'reading'
  /** Set when the answer is locked: “Locked 10:44:07”. Read only, plum. */
  locked?: ReactNode
}

/** Where a person writes. Solid edge: a person wrote it. */
export function Editor({
  label,
  labelHidden,
  note,
  hint,
  error,
  rows = 2,
  size = 'reading',
  locked,
  className,
  id,
  ...rest
}: EditorProps) {
  const ownId = useId()
  const fieldId = id ?? ownId
  const words = locked ? (
    <span className={styles.lockedWords}>
      <Lock aria-hidden />
      {locked}
    </span>
  ) : (
    hint
  )
  return (
    <FieldFrame id={fieldId} className={className} {...{ label, labelHidden, note, error }} hint={words}>
      <textarea
        dir="auto"
        {...rest}
        {...fieldWiring(fieldId, { hint: words, error })}
        rows={rows}
        readOnly={Boolean(locked) || rest.readOnly}
        data-locked={locked ? true : undefined}
        className={classNames(styles.editor, styles[size])}
        style={{ ['--rows' as string]: rows, ...rest.style }}
      />
    </FieldFrame>
  )
}
