'use client'
import { TextField } from '@/components/ui/text-field'

export interface NewPasswordFieldProps {
  label?: string
  value: string
  error?: string | null
  onChange: (value: string) => void
}

/** What is wrong with a new password, as far as can be seen here; the server has the last word. */
export function tooShort(password: string): string | false {
  return [...password].length < 10 && 'The password needs 10 characters or more; a few words will do.'
}

/** Length is all it takes; pasting and password managers work. */
export function NewPasswordField({ label = 'Password', value, error, onChange }: NewPasswordFieldProps) {
  return (
    <TextField
      label={label}
      type="password"
      autoComplete="new-password"
      required
      value={value}
      error={error}
      hint="10 characters or more; a few words will do."
      onChange={event => onChange(event.target.value)}
    />
  )
}
