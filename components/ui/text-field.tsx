'use client'
import { type ComponentProps, useId } from 'react'
import { classNames } from './class-names'
import { FieldFrame, type FieldFrameProps, fieldWiring } from './field-frame'
import styles from './input.module.css'

export interface TextFieldProps extends FieldFrameProps, Omit<ComponentProps<'input'>, 'children'> {
  /** For ids, keys and code. */
  mono?: boolean
}

export function TextField({
  label,
  labelHidden,
  note,
  hint,
  error,
  mono,
  className,
  id,
  ...rest
}: TextFieldProps) {
  const ownId = useId()
  const fieldId = id ?? ownId
  return (
    <FieldFrame id={fieldId} className={className} {...{ label, labelHidden, note, hint, error }}>
      <input
        {...rest}
        {...fieldWiring(fieldId, { hint, error })}
        className={classNames(styles.input, mono && styles.mono)}
      />
    </FieldFrame>
  )
}
