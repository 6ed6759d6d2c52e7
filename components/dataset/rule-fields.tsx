'use client'
import type { DatasetDetail } from '@/contract/v1/datasets'
import { checkWords, levelWords } from '@/domain/dataset-check-words'
import { Button } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import type { DatasetDraft, ExpectationDraft, RuleDraft } from './dataset-form'
import styles from './dataset-form.module.css'

const levels = Object.entries(levelWords).map(([value, label]) => ({ value, label }))

interface Props {
  draft: DatasetDraft
  errorOf: (field: string) => string | null
  onChange: (change: Partial<DatasetDraft>) => void
}

type Consumer = DatasetDetail['consumers'][number]

const purposes: { value: Consumer['purpose']; label: string }[] = [
  { value: 'training', label: 'Training' },
  { value: 'evaluation', label: 'Evaluation' },
  { value: 'analysis', label: 'Analysis' },
  { value: 'other', label: 'Something else' },
]

/** Who takes versions, and for what: a version leaves only for one of them. */
export function ConsumerFields({ draft, errorOf, onChange }: Props) {
  const change = (at: number, part: Partial<Consumer>) =>
    onChange({ consumers: draft.consumers.map((one, other) => (other === at ? { ...one, ...part } : one)) })
  return (
    <fieldset className={styles.choices}>
      <legend>Who will use it</legend>
      {draft.consumers.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a consumer has no name of its own while it is typed
        <div key={at} className={styles.pair}>
          <TextField
            label={`Consumer ${at + 1}`}
            hint={at === 0 ? 'A team, a job, a model' : undefined}
            maxLength={80}
            value={one.name}
            error={errorOf(`consumers.${at}`)}
            onChange={event => change(at, { name: event.target.value })}
          />
          <SelectField
            label={`What consumer ${at + 1} does with it`}
            value={one.purpose}
            options={purposes}
            onChange={event => change(at, { purpose: event.target.value as Consumer['purpose'] })}
          />
        </div>
      ))}
      <div className={styles.actions}>
        <Button
          kind="quiet"
          onClick={() => onChange({ consumers: [...draft.consumers, { name: '', purpose: 'training' }] })}
        >
          Add a consumer
        </Button>
        {draft.consumers.length > 1 ? (
          <Button kind="quiet" onClick={() => onChange({ consumers: draft.consumers.slice(0, -1) })}>
            Remove the last one
          </Button>
        ) : null}
      </div>
    </fieldset>
  )
}

/** How rows part, what is left out of a version as a whole, and what is looked at before it is frozen. */
export function RuleFields({ draft, slices, errorOf, onChange }: Props & { slices: readonly string[] }) {
  const { rules } = draft
  const set = (change: Partial<RuleDraft>) => onChange({ rules: { ...rules, ...change } })
  const text = (name: keyof RuleDraft & string, label: string, hint?: string) => (
    <TextField
      inputMode="decimal"
      label={label}
      hint={hint}
      value={String(rules[name])}
      error={errorOf(`rules.${name}`)}
      onChange={event => set({ [name]: event.target.value })}
    />
  )
  return (
    <>
      <div className={styles.pair}>
        <SelectField
          label="Splits part by"
          value={rules.splitBy}
          options={[
            { value: 'group', label: 'Hash of the group' },
            { value: 'time', label: 'Time: the newest is test' },
            { value: 'both', label: 'Time, and no group on both sides' },
          ]}
          onChange={event => set({ splitBy: event.target.value as RuleDraft['splitBy'] })}
        />
        <SelectField
          label="Test rows"
          hint="Unbiased: drawn by chance, judged without a suggestion"
          value={rules.testRows}
          options={[
            { value: 'unbiased-if-any', label: 'Unbiased ones, where there are any' },
            { value: 'unbiased', label: 'Unbiased ones only' },
            { value: 'any', label: 'Any' },
          ]}
          onChange={event => set({ testRows: event.target.value as RuleDraft['testRows'] })}
        />
      </div>
      {rules.splitBy === 'group' ? null : (
        <div className={styles.pair}>
          <TextField
            type="date"
            label="Validation from"
            hint="Left empty, the shares say it at the first freeze"
            value={rules.validationFrom}
            error={errorOf('rules.validationFrom')}
            onChange={event => set({ validationFrom: event.target.value })}
          />
          <TextField
            type="date"
            label="Test from"
            value={rules.testFrom}
            error={errorOf('rules.testFrom')}
            onChange={event => set({ testFrom: event.target.value })}
          />
        </div>
      )}
      <Checkbox
        label="Near-duplicates never part"
        checked={rules.clusters}
        onChange={clusters => set({ clusters })}
      />
      <details className={styles.more}>
        <summary>Limits</summary>
        <div className={styles.fields}>
          <div className={styles.pair}>
            {text('perPersonAtMost', 'Rows of one person at most', 'Never of test')}
            {text('influencedAtMost', 'Train rows after a suggestion at most', 'Share, 0 to 1')}
          </div>
          {draft.target === 'decision' || draft.target === 'preference'
            ? null
            : text(
                'agreementFrom',
                'Agreement from',
                '0 to 1; rows of one person have none and are left out',
              )}
          <div className={styles.pair}>
            <SelectField
              label="Balance train by"
              value={rules.balanceBy}
              options={[
                { value: 'label', label: draft.target === 'verdict' ? 'Verdict' : 'What was decided' },
                ...[...new Set([...slices.map(one => `slice.${one}`), rules.balanceBy])]
                  .filter(one => one !== 'label')
                  .map(one => ({ value: one, label: one.replace('slice.', 'Slice: ') })),
              ]}
              onChange={event => set({ balanceBy: event.target.value })}
            />
            {text('balanceTimes', 'Most common kind at most', 'Times the rarest one; empty for as it is')}
          </div>
          <div className={styles.pair}>
            {text('keepDays', 'Rows of the last days', 'Older ones are left out')}
            {text('consentFrom', 'Consent version from')}
          </div>
          <TextField
            label="Licences that may be in"
            hint="Parted by commas; empty for any"
            value={rules.licences}
            error={errorOf('rules.licences')}
            onChange={event => set({ licences: event.target.value })}
          />
          <SelectField
            label="Personal data"
            hint="E-mail addresses, numbers, addresses"
            value={rules.personalData}
            options={[
              { value: 'keep', label: 'Stays; the check says where' },
              { value: 'redact', label: 'Is taken out of the words' },
              { value: 'exclude', label: 'Rows with any are left out' },
            ]}
            onChange={event => set({ personalData: event.target.value as RuleDraft['personalData'] })}
          />
        </div>
      </details>
      <details className={styles.more}>
        <summary>Checks before freezing</summary>
        <div className={styles.fields}>
          {Object.entries(checkWords).map(([name, words]) => (
            <div key={name} className={styles.pair}>
              <SelectField
                label={words.label}
                value={rules.levels[name] ?? ''}
                options={[
                  { value: '', label: `As usual: ${levelWords[words.level].toLowerCase()}` },
                  ...levels,
                ]}
                onChange={event => set({ levels: { ...rules.levels, [name]: event.target.value } })}
              />
              <TextField
                inputMode="decimal"
                label={`${words.label}: limit`}
                hint={words.limit}
                value={rules.limits[name] ?? ''}
                error={errorOf(`rules.checks.${name}`)}
                onChange={event => set({ limits: { ...rules.limits, [name]: event.target.value } })}
              />
            </div>
          ))}
        </div>
      </details>
      <Expectations
        list={rules.expectations}
        slices={slices}
        errorOf={errorOf}
        onChange={expectations => set({ expectations })}
      />
    </>
  )
}

const fields = [
  'value',
  'input_text',
  'suggestion',
  'state',
  'source',
  'agreement',
  'confidence',
  'licence',
  'lang',
]
const kinds: { value: ExpectationDraft['kind']; label: string; takes: string }[] = [
  { value: 'present', label: 'is there', takes: '' },
  { value: 'length', label: 'has a length of', takes: 'From–to, as 1–200' },
  { value: 'range', label: 'lies between', takes: 'From–to, as 0.5–1' },
  { value: 'one-of', label: 'is one of', takes: 'Parted by commas' },
  { value: 'without', label: 'has none of these words', takes: 'Parted by commas' },
  { value: 'volume', label: 'as a whole has so many rows', takes: 'From–to, as 500–' },
  { value: 'freshness', label: 'as a whole is as new as', takes: 'Days, as 30' },
]
/** What is expected of the version and not of each row. */
const ofTheWhole: readonly ExpectationDraft['kind'][] = ['volume', 'freshness']

function Expectations({
  list,
  slices,
  errorOf,
  onChange,
}: {
  list: readonly ExpectationDraft[]
  slices: readonly string[]
  errorOf: (field: string) => string | null
  onChange: (list: ExpectationDraft[]) => void
}) {
  const change = (at: number, part: Partial<ExpectationDraft>) =>
    onChange(list.map((one, other) => (other === at ? { ...one, ...part } : one)))
  return (
    <fieldset className={styles.choices}>
      <legend>What is expected, of every row or of the version as a whole</legend>
      {list.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an expectation has no name
        <div key={at} className={styles.pair}>
          {ofTheWhole.includes(one.kind) ? null : (
            <SelectField
              label={`Field of expectation ${at + 1}`}
              value={one.field}
              options={[...new Set([...fields, ...slices.map(name => `slice.${name}`), one.field])].map(
                value => ({ value, label: value }),
              )}
              onChange={event => change(at, { field: event.target.value })}
            />
          )}
          <SelectField
            label={`What expectation ${at + 1} asks for`}
            value={one.kind}
            options={kinds}
            onChange={event => change(at, { kind: event.target.value as ExpectationDraft['kind'] })}
          />
          {one.kind === 'present' ? null : (
            <TextField
              label={`Of expectation ${at + 1}`}
              hint={kinds.find(kind => kind.value === one.kind)?.takes}
              value={one.takes}
              error={errorOf(`rules.expectations.${at}`)}
              onChange={event => change(at, { takes: event.target.value })}
            />
          )}
          {ofTheWhole.includes(one.kind) ? null : (
            <TextField
              inputMode="decimal"
              label={`Share that must meet expectation ${at + 1}`}
              hint="0 to 1"
              value={one.share}
              onChange={event => change(at, { share: event.target.value })}
            />
          )}
        </div>
      ))}
      <div className={styles.actions}>
        <Button
          kind="quiet"
          onClick={() => onChange([...list, { kind: 'length', field: 'value', takes: '1–200', share: '1' }])}
        >
          Add an expectation
        </Button>
        {list.length > 0 ? (
          <Button kind="quiet" onClick={() => onChange(list.slice(0, -1))}>
            Remove the last one
          </Button>
        ) : null}
      </div>
    </fieldset>
  )
}
