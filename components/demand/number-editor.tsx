'use client'
import { Button } from '../ui/button'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import { numberWords } from './demand-words'
import { type Draft, overrideReasons, readNumber } from './demand-work'
import styles from './period-row.module.css'

interface Props {
  title: string
  draft: Draft
  /** What the model says, where it says something. */
  forecast: number | null
  missing: 'number' | 'reason' | null
  onType: (change: Partial<Draft>) => void
  onSave: () => void
  onPutBack: () => void
}

export const reasonOptions = [
  { value: '', label: 'Choose a reason' },
  ...Object.entries(overrideReasons).map(([value, label]) => ({ value, label })),
]

/** The number becomes a field where it stands; why it differs from the forecast is said beside it. */
export function NumberEditor({ title, draft, forecast, missing, onType, onSave, onPutBack }: Props) {
  const value = readNumber(draft.text)
  const changed = forecast !== null && value !== null && value !== forecast
  return (
    <div className={styles.editor}>
      <TextField
        label={`Number for ${title}`}
        labelHidden
        inputMode="decimal"
        autoComplete="off"
        value={draft.text}
        error={
          draft.text !== '' && value === null
            ? 'Write a number without separators, such as 1234.5.'
            : undefined
        }
        onChange={event => onType({ text: event.target.value })}
      />
      {forecast !== null ? (
        <SelectField
          label={`Why ${title} differs`}
          labelHidden
          value={draft.reason}
          options={reasonOptions}
          onChange={event => onType({ reason: event.target.value })}
        />
      ) : null}
      <Button
        kind="primary"
        size="small"
        keyHint="mod+enter"
        disabledReason={
          missing === 'number'
            ? 'Write a number first.'
            : missing === 'reason'
              ? 'Choose why it differs from the forecast.'
              : null
        }
        onClick={onSave}
      >
        Save number
      </Button>
      <Button size="small" kind="quiet" keyHint="escape" onClick={onPutBack}>
        Put it back
      </Button>
      <span className={styles.difference} role="status">
        {changed
          ? `${value > forecast ? '+' : '−'}${numberWords(Math.abs(value - forecast))} on the forecast`
          : ''}
      </span>
    </div>
  )
}
