'use client'
import { Plus, X } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import styles from '@/components/review/forms.module.css'
import { draftOfPolicy, type Person, PolicyFields, readPolicy } from '@/components/review/policy-fields'
import { newDraft, newPart, noFilters, type RuleDraft, readRule } from '@/components/review/rule-draft'
import { useChange } from '@/components/shell/use-change'
import { Button, ButtonLink } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { TextArea } from '@/components/ui/text-area'
import { TextField } from '@/components/ui/text-field'
import type { QueueView } from '@/contract/v1/review'
import { type AnswerKind, aggregationsOf, usualPolicy } from '@/domain/review'
import { FilterFields, RuleFields } from './rule-fields'
import { RulePreview } from './rule-preview'

interface Props {
  project: string
  /** What answers are here. */
  answers: AnswerKind
  workers: readonly Person[]
  adjudicators: readonly Person[]
  versions: readonly { id: string; label: string }[]
}

/** A new queue, with what its rule would select now beside it. */
export function QueueBuilder({ project, answers, workers, adjudicators, versions }: Props) {
  const router = useRouter()
  const [name, setName] = useState('')
  const [draft, setDraft] = useState<RuleDraft>(newDraft)
  const [filters, setFilters] = useState(noFilters)
  const [overlap, setOverlap] = useState('1')
  const [instructions, setInstructions] = useState('')
  const [policyDraft, setPolicyDraft] = useState(() =>
    draftOfPolicy({ ...usualPolicy, aggregation: aggregationsOf[answers][0] }),
  )
  const { run, tell, busy, refusal, errorOf } = useChange(project)
  const read = readRule(draft, filters)
  const problems = 'problems' in read ? read.problems : {}
  const rule = 'rule' in read ? read.rule : null
  const policy = readPolicy(policyDraft)
  const people = Number(overlap)
  const badOverlap = !Number.isInteger(people) || people < 1 || people > 9
  const shown = ['name', 'policy.workerIds', 'policy.adjudicatorIds']

  function changeRule(next: RuleDraft) {
    const mixes = next.strategy === 'mix' && draft.strategy !== 'mix' && next.parts.length === 0
    // A mix begins with half that is hard and half that is representative.
    const parts = mixes ? [newPart('uncertainty', '50'), newPart('random', '50')] : next.parts
    const needed = mixes || (next.strategy === 'diversity' && draft.strategy !== 'diversity')
    setDraft({ ...next, parts, budget: needed && next.budget === '' ? '100' : next.budget })
  }

  async function make(event: FormEvent) {
    event.preventDefault()
    if (busy || !rule || badOverlap || !name.trim() || !('policy' in policy)) return
    const made = await run<QueueView>('make', 'POST', `/projects/${project}/queues`, {
      name: name.trim(),
      rule,
      instructions,
      overlap: people,
      policy: policy.policy,
    })
    if (!made) return
    tell(
      made.jobId
        ? `“${made.name}” is made and being filled.`
        : `“${made.name}” is made, with ${made.items === 1 ? '1 item' : `${made.items} items`}.`,
      null,
      '',
    )
    router.push(`/p/${project}/queues/${made.id}/manage`)
  }

  return (
    <form className={styles.form} onSubmit={make} noValidate aria-label="New queue">
      <div className={styles.fields}>
        <TextField
          label="Name"
          value={name}
          maxLength={80}
          autoComplete="off"
          error={errorOf('name')}
          onChange={event => setName(event.target.value)}
        />
        <RuleFields draft={draft} at="" problems={problems} onChange={changeRule} />
        {draft.strategy === 'mix' ? <MixParts draft={draft} problems={problems} onChange={setDraft} /> : null}
        <div className={styles.line}>
          <TextField
            label="Most items a filling"
            note={draft.strategy === 'mix' || draft.strategy === 'diversity' ? undefined : 'Optional'}
            hint="From one look at everything to the next: once a day, or by hand."
            inputMode="numeric"
            value={draft.budget}
            error={problems.budget ?? null}
            onChange={event => setDraft({ ...draft, budget: event.target.value })}
          />
          <TextField
            label="People for each item"
            inputMode="numeric"
            value={overlap}
            error={badOverlap ? 'From 1 to 9.' : null}
            onChange={event => setOverlap(event.target.value)}
          />
        </div>
        <TextArea
          label="Instructions"
          note="Optional"
          hint="What annotators are asked; the first line is always in sight."
          rows={3}
          maxLength={4000}
          value={instructions}
          onChange={event => setInstructions(event.target.value)}
        />
        <details className={styles.more}>
          <summary>Only some items</summary>
          <FilterFields draft={filters} problems={problems} versions={versions} onChange={setFilters} />
        </details>
        <details className={styles.more}>
          <summary>How it is worked, and by whom</summary>
          <PolicyFields
            answers={answers}
            draft={policyDraft}
            problems={'problems' in policy ? policy.problems : {}}
            workers={workers}
            adjudicators={adjudicators}
            errorOf={errorOf}
            onChange={setPolicyDraft}
          />
        </details>
        {refusal && !shown.includes(refusal.field ?? '') ? (
          <ErrorNote title={refusal.detail} code={refusal.code} />
        ) : null}
        <div className={styles.line}>
          <Button
            type="submit"
            kind="primary"
            busy={busy === 'make'}
            disabledReason={
              !name.trim()
                ? 'Give it a name first.'
                : !rule || badOverlap || !('policy' in policy)
                  ? 'Correct the marked fields first.'
                  : null
            }
          >
            Make the queue
          </Button>
          <ButtonLink kind="quiet" href={`/p/${project}/queues`}>
            Cancel
          </ButtonLink>
        </div>
      </div>
      <RulePreview project={project} rule={rule} />
    </form>
  )
}

interface MixProps {
  draft: RuleDraft
  problems: Partial<Record<string, string>>
  onChange: (draft: RuleDraft) => void
}

function MixParts({ draft, problems, onChange }: MixProps) {
  const { parts } = draft
  const set = (at: number, part: RuleDraft['parts'][number]) =>
    onChange({ ...draft, parts: parts.map((old, i) => (i === at ? part : old)) })
  return (
    <fieldset className={styles.people}>
      <legend>Parts, asked in turn: an item goes to the first that wants it and has room</legend>
      {parts.map((part, at) => (
        <div key={part.key} className={styles.part}>
          <RuleFields
            draft={part.rule}
            at={`parts.${at}.`}
            problems={problems}
            onChange={rule => set(at, { ...part, rule })}
          />
          <div className={styles.line}>
            <TextField
              label={`Share of part ${at + 1}, %`}
              inputMode="decimal"
              value={part.share}
              error={problems[`parts.${at}.share`] ?? null}
              onChange={event => set(at, { ...part, share: event.target.value })}
            />
            {parts.length > 2 ? (
              <Button
                size="small"
                kind="quiet"
                icon={<X />}
                onClick={() => onChange({ ...draft, parts: parts.filter((_, i) => i !== at) })}
              >
                Remove part {at + 1}
              </Button>
            ) : null}
          </div>
        </div>
      ))}
      {problems.parts ? <p role="alert">{problems.parts}</p> : null}
      {parts.length < 6 ? (
        <div>
          <Button
            size="small"
            icon={<Plus />}
            onClick={() => onChange({ ...draft, parts: [...parts, newPart('corrected', '10')] })}
          >
            Another part
          </Button>
        </div>
      ) : null}
    </fieldset>
  )
}
