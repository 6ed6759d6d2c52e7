import type { ReactNode } from 'react'
import { SelectField } from '@/components/ui/select-field'
import { TextField } from '@/components/ui/text-field'
import type { ApiError } from '@/sdk/client'
import styles from '../project.module.css'

const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '1095', label: '3 years' },
]

/** How long a new key works unless somebody chooses. */
export const usualLife = '365'

interface Props {
  hint: string
  name: string
  onName: (name: string) => void
  /** How long the key may work, in days. */
  days: string
  onDays: (days: string) => void
  refusal: ApiError | null
  /** What stands between. */
  children?: ReactNode
}

/** What every new key is asked: its name, and how long it works. */
export function KeyLine({ hint, name, onName, days, onDays, refusal, children }: Props) {
  return (
    <div className={styles.line}>
      <TextField
        className={styles.grow}
        label="Name"
        hint={refusal ? undefined : hint}
        required
        maxLength={100}
        value={name}
        error={refusal?.field === 'name' ? 'Give the key a name, so that you know it again.' : null}
        onChange={event => onName(event.target.value)}
      />
      {children}
      <SelectField
        label="Works for"
        value={days}
        options={lives}
        onChange={event => onDays(event.target.value)}
      />
    </div>
  )
}
