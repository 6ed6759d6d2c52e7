'use client'
import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './checkbox.module.css'

interface ChoiceProps extends Omit<ComponentProps<'input'>, 'onChange' | 'type' | 'children'> {
  label: ReactNode
  hint?: ReactNode
  onChange?: (checked: boolean) => void
}

function Choice({ label, hint, onChange, look, ...rest }: ChoiceProps & { look: 'checkbox' | 'switch' }) {
  const id = useId()
  return (
    <div className={styles.choice} data-look={look}>
      <input
        id={id}
        {...rest}
        type="checkbox"
        role={look === 'switch' ? 'switch' : undefined}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={event => onChange?.(event.target.checked)}
      />
      <div>
        <label htmlFor={rest.id ?? id}>{label}</label>
        {hint ? (
          <p id={`${id}-hint`} className={styles.hint}>
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  )
}

/** A choice that takes effect when its form is saved. */
export function Checkbox(props: ChoiceProps) {
  return <Choice {...props} look="checkbox" />
}

/** A choice that takes effect at once. */
export function Switch(props: ChoiceProps) {
  return <Choice {...props} look="switch" />
}
