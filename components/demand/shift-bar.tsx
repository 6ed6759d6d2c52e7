'use client'
import { Check, MoveVertical } from 'lucide-react'
import type { RefObject } from 'react'
import { Button } from '../ui/button'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import styles from './demand.module.css'
import { readNumber, type Shift } from './demand-work'
import { reasonOptions } from './number-editor'

export interface ShiftDraft {
  by: Shift['by']
  amount: string
  reason: string
}

interface Props {
  selected: number
  /** Of the selected ones, forecasts that nobody has decided on. */
  open: number
  all: number
  draft: ShiftDraft
  amountRef: RefObject<HTMLDivElement | null>
  onDraft: (draft: ShiftDraft) => void
  onSelectAll: (all: boolean) => void
  onAccept: () => void
  onShift: () => void
}

/** What is done to several periods at once; each is one act with one undo. Always there, so that nothing moves. */
export function ShiftBar({
  selected,
  open,
  all,
  draft,
  amountRef,
  onDraft,
  onSelectAll,
  onAccept,
  onShift,
}: Props) {
  const none = selected === 0 ? 'Select periods first.' : null
  return (
    <fieldset className={styles.shift}>
      <legend className={styles.hiddenLegend}>Several periods at once</legend>
      <label className={styles.all}>
        <input
          type="checkbox"
          aria-label="Select all periods"
          checked={selected > 0 && selected === all}
          onChange={event => onSelectAll(event.target.checked)}
        />
        <span role="status">{selected === 0 ? 'Select all' : `${selected} of ${all} selected`}</span>
      </label>
      <Button
        size="small"
        icon={<Check />}
        disabledReason={none ?? (open === 0 ? 'No open forecast is selected.' : null)}
        onClick={onAccept}
      >
        Accept
      </Button>
      <div ref={amountRef} className={styles.amount}>
        <TextField
          label="Shift by"
          labelHidden
          placeholder="+10"
          inputMode="text"
          autoComplete="off"
          value={draft.amount}
          onChange={event => onDraft({ ...draft, amount: event.target.value })}
        />
      </div>
      <SelectField
        label="Shift in"
        labelHidden
        value={draft.by}
        options={[
          { value: 'share', label: '%' },
          { value: 'amount', label: 'as a number' },
        ]}
        onChange={event => onDraft({ ...draft, by: event.target.value as Shift['by'] })}
      />
      <SelectField
        label="Why the range is shifted"
        labelHidden
        value={draft.reason}
        options={reasonOptions}
        onChange={event => onDraft({ ...draft, reason: event.target.value })}
      />
      <Button
        size="small"
        icon={<MoveVertical />}
        disabledReason={
          none ??
          (readNumber(draft.amount) === null
            ? 'Say by how much, such as +10 or -5.'
            : draft.reason === ''
              ? 'Choose a reason.'
              : null)
        }
        onClick={onShift}
      >
        Shift
      </Button>
    </fieldset>
  )
}
