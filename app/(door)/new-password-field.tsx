'use client'
import { TextField } from '@/components/ui/text-field'

export interface NewPasswordFieldProps {
  label?: string
  value: string
  error?: string | null
  onChange: (value: string) => void
}

/** Length is all it takes; pasting and password managers work. */
export function NewPasswordField({ label = 'Password', value, error, onChange }: NewPasswordFieldProps) {
  return (
    <TextField
      label={label}
      type="password"
      autoComplete="new-password"
      minLength={10}
      maxLength={200}
      required
      value={value}
      error={error}
      hint="10 characters or more; a few words will do."
      onChange={event => onChange(event.target.value)}
    />
  )
}
