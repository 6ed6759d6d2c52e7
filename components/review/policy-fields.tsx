'use client'
import type { QueuePolicy } from '@/contract/v1/review'
import { type Aggregation, type AnswerKind, aggregationsOf } from '@/domain/review'
import { Checkbox } from '../ui/checkbox'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import styles from './forms.module.css'

export interface Person {
  userId: string
  name: string
  role: string
}

/** A policy as its fields have it. Shares are typed in per cent, the lease in minutes. */
export interface PolicyDraft {
  ordering: QueuePolicy['ordering']
  aggregation: QueuePolicy['aggregation']
  leaseMinutes: string
  blindRate: string
  goldRate: string
  vigilanceRate: string
  agreementFloor: string
  practiceItems: string
  practicePass: string
  workerIds: string[] | null
  adjudicatorIds: string[] | null
}

const perCent = (share: number) => String(Math.round(share * 1000) / 10)

export const draftOfPolicy = (policy: QueuePolicy): PolicyDraft => ({
  ordering: policy.ordering,
  aggregation: policy.aggregation,
  leaseMinutes: String(policy.leaseSeconds / 60),
  blindRate: perCent(policy.blindRate),
  goldRate: perCent(policy.goldRate),
  vigilanceRate: perCent(policy.vigilanceRate),
  agreementFloor: policy.agreementFloor === null ? '' : perCent(policy.agreementFloor),
  practiceItems: String(policy.practiceItems),
  practicePass: perCent(policy.practicePass),
  workerIds: policy.workerIds,
  adjudicatorIds: policy.adjudicatorIds,
})

type Problems = Partial<Record<keyof PolicyDraft, string>>

/** The policy that the fields say, or what is wrong with them. */
export function readPolicy(draft: PolicyDraft): { policy: QueuePolicy } | { problems: Problems } {
  const problems: Problems = {}
  const number = (name: keyof PolicyDraft, [least, most]: [number, number], whole = false) => {
    const typed = String(draft[name])
    const value = Number(typed)
    if (typed.trim() === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value)))
      problems[name] = `From ${least} to ${most}.`
    return value
  }
  const people = (name: 'workerIds' | 'adjudicatorIds') => {
    if (draft[name]?.length === 0) problems[name] = 'Choose somebody, or leave it to everyone.'
    return draft[name]
  }
  const policy: QueuePolicy = {
    ordering: draft.ordering,
    aggregation: draft.aggregation,
    leaseSeconds: Math.round(number('leaseMinutes', [1, 1440]) * 60),
    blindRate: number('blindRate', [0, 100]) / 100,
    goldRate: number('goldRate', [0, 50]) / 100,
    vigilanceRate: number('vigilanceRate', [0, 20]) / 100,
    agreementFloor: draft.agreementFloor.trim() === '' ? null : number('agreementFloor', [0, 100]) / 100,
    practiceItems: number('practiceItems', [0, 50], true),
    practicePass: number('practicePass', [0, 100]) / 100,
    workerIds: people('workerIds'),
    adjudicatorIds: people('adjudicatorIds'),
  }
  return Object.keys(problems).length > 0 ? { problems } : { policy }
}

const methodLabels: Record<Aggregation, string> = {
  majority: 'Majority of verdicts',
  'dawid-skene': 'Dawid–Skene, from three answers on',
  median: 'Median of the numbers',
  boxes: 'Boxes that most people drew',
}

interface Props {
  /** What answers are here: it says how they can be settled. */
  answers: AnswerKind
  draft: PolicyDraft
  problems: Problems
  workers: readonly Person[]
  adjudicators: readonly Person[]
  /** Refusals of the server, by the field they name. */
  errorOf: (field: string) => string | null
  onChange: (draft: PolicyDraft) => void
}

/** How a queue is worked: order, leases, what is hidden or planted, how answers are settled, by whom. */
export function PolicyFields({ answers, draft, problems, workers, adjudicators, errorOf, onChange }: Props) {
  const field = (name: keyof PolicyDraft, label: string, hint?: string) => (
    <TextField
      label={label}
      hint={hint}
      inputMode="decimal"
      value={String(draft[name] ?? '')}
      error={problems[name] ?? errorOf(`policy.${name}`)}
      onChange={event => onChange({ ...draft, [name]: event.target.value })}
    />
  )
  return (
    <div className={styles.fields}>
      <div className={styles.line}>
        <SelectField
          label="Handed out"
          hint="Applies to what comes in from now on."
          value={draft.ordering}
          options={[
            { value: 'ranked', label: 'As the rule ranks' },
            { value: 'random', label: 'In a random order' },
            { value: 'oldest', label: 'Oldest first' },
            { value: 'newest', label: 'Newest first' },
          ]}
          onChange={event => onChange({ ...draft, ordering: event.target.value as PolicyDraft['ordering'] })}
        />
        {field('leaseMinutes', 'Lease, minutes', 'Without a sign of life an item goes to others after it.')}
      </div>
      <div className={styles.line}>
        <SelectField
          label="Answers are settled by"
          hint="Applies to items that nobody has answered."
          value={draft.aggregation}
          options={aggregationsOf[answers].map(value => ({ value, label: methodLabels[value] }))}
          error={errorOf('policy.aggregation')}
          onChange={event =>
            onChange({ ...draft, aggregation: event.target.value as PolicyDraft['aggregation'] })
          }
        />
        {field('agreementFloor', 'To adjudication below, % agreement', 'Empty: only when somebody asks.')}
      </div>
      <div className={styles.line}>
        {field('blindRate', 'Blind, %', 'Answered before the suggestion is seen.')}
        {field('goldRate', 'Gold, %', 'Items with a known truth, hidden among others.')}
        {field('vigilanceRate', 'Vigilance, %', 'Suggestions known to be wrong, hidden among others.')}
      </div>
      <div className={styles.line}>
        {field('practiceItems', 'Practice items', 'Done first, with feedback; 0 for none.')}
        {field('practicePass', 'Practice passes at, %')}
      </div>
      <Chosen
        legend="Who may work here"
        everyone="Everyone who reviews"
        people={workers}
        ids={draft.workerIds}
        error={problems.workerIds ?? errorOf('policy.workerIds')}
        onChange={workerIds => onChange({ ...draft, workerIds })}
      />
      <Chosen
        legend="Who may adjudicate here"
        everyone="Everyone who adjudicates"
        people={adjudicators}
        ids={draft.adjudicatorIds}
        error={problems.adjudicatorIds ?? errorOf('policy.adjudicatorIds')}
        onChange={adjudicatorIds => onChange({ ...draft, adjudicatorIds })}
      />
    </div>
  )
}

interface ChosenProps {
  legend: string
  everyone: string
  people: readonly Person[]
  ids: readonly string[] | null
  error: string | null | undefined
  onChange: (ids: string[] | null) => void
}

function Chosen({ legend, everyone, people, ids, error, onChange }: ChosenProps) {
  return (
    <fieldset className={styles.people}>
      <legend>{legend}</legend>
      <Checkbox label={everyone} checked={ids === null} onChange={all => onChange(all ? null : [])} />
      {ids === null
        ? null
        : people.map(({ userId, name, role }) => (
            <Checkbox
              key={userId}
              label={`${name}, ${role}`}
              checked={ids.includes(userId)}
              onChange={on => onChange(on ? [...ids, userId] : ids.filter(id => id !== userId))}
            />
          ))}
      {error ? <p role="alert">{error}</p> : null}
    </fieldset>
  )
}
