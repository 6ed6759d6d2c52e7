'use client'
import { type ComponentProps, useId } from 'react'
import { classNames } from './class-names'
import { FieldFrame, type FieldFrameProps, fieldWiring } from './field-frame'
import styles from './input.module.css'

export interface TextAreaProps extends FieldFrameProps, Omit<ComponentProps<'textarea'>, 'children'> {
  mono?: boolean
}

/** Several lines in the tool's own voice; what is being judged is written in an `Editor`. */
export function TextArea({
  label,
  labelHidden,
  note,
  hint,
  error,
  mono,
  className,
  id,
  ...rest
}: TextAreaProps) {
  const ownId = useId()
  const fieldId = id ?? ownId
  return (
    <FieldFrame id={fieldId} className={className} {...{ label, labelHidden, note, hint, error }}>
      <textarea
        {...rest}
        {...fieldWiring(fieldId, { hint, error })}
        className={classNames(styles.input, styles.area, mono && styles.mono)}
      />
    </FieldFrame>
  )
}
