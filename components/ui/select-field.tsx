'use client'
import { ChevronsUpDown } from 'lucide-react'
import { type ComponentProps, useId } from 'react'
import { classNames } from './class-names'
import { FieldFrame, type FieldFrameProps, fieldWiring } from './field-frame'
import styles from './input.module.css'

export interface SelectFieldProps extends FieldFrameProps, Omit<ComponentProps<'select'>, 'children'> {
  options: { value: string; label: string; disabled?: boolean }[]
}

export function SelectField({
  label,
  labelHidden,
  note,
  hint,
  error,
  options,
  className,
  id,
  ...rest
}: SelectFieldProps) {
  const ownId = useId()
  const fieldId = id ?? ownId
  return (
    <FieldFrame id={fieldId} className={className} {...{ label, labelHidden, note, hint, error }}>
      <div className={styles.selectBox}>
        <select
          {...rest}
          {...fieldWiring(fieldId, { hint, error })}
          className={classNames(styles.input, styles.select)}
        >
          {options.map(option => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronsUpDown aria-hidden />
      </div>
    </FieldFrame>
  )
}
