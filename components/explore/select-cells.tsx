import type { ChangeEvent } from 'react'
import type { FeedbackRow } from '@/contract/v1/feedback'
import { Td, Th } from '../ui/table'
import styles from './select-cells.module.css'

/** The cells with the checkboxes. Without their handlers they are what the server draws: the first click wakes the list. */
export function SelectAll({
  state = 'none',
  onChange,
}: {
  state?: 'none' | 'some' | 'all'
  onChange?: (on: boolean) => void
}) {
  return (
    <Th tight className={styles.cell}>
      <input
        type="checkbox"
        data-select="all"
        aria-label="Select all rows that match"
        {...(onChange
          ? {
              checked: state === 'all',
              ref: (box: HTMLInputElement | null) => {
                if (box) box.indeterminate = state === 'some'
              },
              onChange: (event: ChangeEvent<HTMLInputElement>) => onChange(event.target.checked),
            }
          : {})}
      />
    </Th>
  )
}

export function SelectRow({
  row,
  on = false,
  onToggle,
}: {
  row: FeedbackRow
  on?: boolean
  onToggle?: (range: boolean) => void
}) {
  return (
    <Td tight className={styles.cell}>
      <input
        type="checkbox"
        data-select={row.exposureId}
        aria-label={`Select ${row.title ?? 'an erased item'}`}
        {...(onToggle
          ? {
              checked: on,
              onChange: (event: ChangeEvent<HTMLInputElement>) =>
                onToggle((event.nativeEvent as MouseEvent).shiftKey === true),
            }
          : {})}
      />
    </Td>
  )
}
