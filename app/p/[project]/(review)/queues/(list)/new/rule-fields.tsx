'use client'
import styles from '@/components/review/forms.module.css'
import type { FilterDraft, Problems, RuleDraft, Strategy } from '@/components/review/rule-draft'
import { strategyNames } from '@/components/review/rule-words'
import { SelectField } from '@/components/ui/select-field'
import { TextField } from '@/components/ui/text-field'

type Single = Omit<RuleDraft, 'parts'>

interface Props<T extends Single> {
  draft: T
  /** Where the fields stand in the rule, as `parts.0.`. */
  at: string
  problems: Problems
  onChange: (draft: T) => void
}

/** The choice of a strategy with the fields that go with it. */
export function RuleFields<T extends Single>({ draft, at, problems, onChange }: Props<T>) {
  const strategies = Object.entries(strategyNames).filter(([value]) => at === '' || value !== 'mix')
  const text = (name: keyof Single, label: string, inputMode: 'decimal' | 'text' = 'decimal') => (
    <TextField
      label={label}
      inputMode={inputMode}
      value={draft[name]}
      error={problems[`${at}${name}`] ?? (name === 'sliceValue' ? problems[`${at}slice`] : null)}
      onChange={event => onChange({ ...draft, [name]: event.target.value })}
    />
  )
  return (
    <div className={styles.line}>
      <SelectField
        label="Select by"
        value={draft.strategy}
        options={strategies.map(([value, label]) => ({ value, label }))}
        onChange={event => onChange({ ...draft, strategy: event.target.value as Strategy })}
      />
      {draft.strategy === 'low-confidence' ? text('below', 'Less sure than, %') : null}
      {draft.strategy === 'random' ? text('rate', 'Chance of each item, %') : null}
      {draft.strategy === 'uncertainty' ? (
        <>
          <SelectField
            label="Measured by"
            value={draft.measure}
            options={[
              { value: 'margin', label: 'Margin between the first two' },
              { value: 'least-confidence', label: 'Least confidence' },
              { value: 'entropy', label: 'Entropy' },
            ]}
            onChange={event => onChange({ ...draft, measure: event.target.value as Single['measure'] })}
          />
          {text('above', 'Unsure from, %')}
        </>
      ) : null}
      {draft.strategy === 'disagreement' ? (
        <SelectField
          label="Between"
          value={draft.between}
          options={[
            { value: 'versions', label: 'Versions of the model' },
            { value: 'human', label: 'Model and person' },
          ]}
          onChange={event => onChange({ ...draft, between: event.target.value as Single['between'] })}
        />
      ) : null}
      {draft.strategy === 'weak-slice' ? (
        <>
          {text('sliceName', 'Slice (empty: the weakest)', 'text')}
          {text('sliceValue', 'Value', 'text')}
        </>
      ) : null}
      {draft.strategy === 'priority' ? text('atLeast', 'Priority from (optional)') : null}
    </div>
  )
}

interface FilterProps {
  draft: FilterDraft
  problems: Problems
  versions: readonly { id: string; label: string }[]
  onChange: (draft: FilterDraft) => void
}

/** Which items the rule looks at. */
export function FilterFields({ draft, problems, versions, onChange }: FilterProps) {
  const text = (name: keyof FilterDraft, label: string, type = 'text', error?: string) => (
    <TextField
      label={label}
      type={type}
      maxLength={200}
      value={draft[name]}
      error={error ?? null}
      onChange={event => onChange({ ...draft, [name]: event.target.value })}
    />
  )
  return (
    <div className={styles.fields}>
      <div className={styles.line}>
        {text('receivedFrom', 'Received from (UTC)', 'date')}
        {text('receivedTo', 'Received before (UTC)', 'date', problems['filters.receivedTo'])}
        {text('text', 'With the words')}
      </div>
      <div className={styles.line}>
        {text('groupId', 'Group')}
        {text('sliceName', 'Shown with attribute')}
        {text('sliceValue', 'Attribute is', 'text', problems['filters.slice'])}
      </div>
      <div className={styles.line}>
        <SelectField
          label="Samples"
          value={draft.sample}
          options={[
            { value: '', label: 'With samples' },
            { value: 'no', label: 'Without samples' },
            { value: 'yes', label: 'Samples only' },
          ]}
          onChange={event => onChange({ ...draft, sample: event.target.value as FilterDraft['sample'] })}
        />
        <SelectField
          label="Suggestions of"
          value={draft.modelVersionId}
          options={[
            { value: '', label: 'The live version' },
            ...versions.map(({ id, label }) => ({ value: id, label })),
          ]}
          onChange={event => onChange({ ...draft, modelVersionId: event.target.value })}
        />
      </div>
    </div>
  )
}
