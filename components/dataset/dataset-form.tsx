'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { DatasetDetail, DatasetPreview, MadeDataset } from '@/contract/v1/datasets'
import type { SplitShares } from '@/domain/dataset-split'
import { keptStates } from '@/domain/dataset-words'
import { ApiError, createClient } from '@/sdk/client'
import { Button, ButtonLink } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import { TextArea } from '../ui/text-area'
import { TextField } from '../ui/text-field'
import { useToast } from '../ui/toast'
import styles from './dataset-form.module.css'
import { count, statesSentence, targetWords } from './dataset-words'
import { LeftOut } from './left-out'
import { ConsumerFields, RuleFields } from './rule-fields'
import { SplitBar } from './split-bar'

const client = createClient()
/** After the last change, so that a word is not looked up letter by letter. */
const previewAfterMs = 350

type Target = DatasetDetail['target']

/** The form as it is typed: texts, empty where nothing is asked for. */
export interface DatasetDraft {
  name: string
  description: string
  target: Target
  states: readonly string[]
  version: string
  confidenceFrom: string
  confidenceTo: string
  from: string
  to: string
  text: string
  source: string
  /** The one queue that it is about; empty for any. */
  queue: string
  sample: boolean
  simulated: boolean
  /** Of a hundred. */
  shares: Record<keyof SplitShares, string>
  licence: string
  consumers: DatasetDetail['consumers']
  /** What people said, for verdicts. */
  verdicts: readonly string[]
  /** Items that carry this tag. */
  tag: string
  rules: RuleDraft
}

/** An expectation as it is typed: `takes` are bounds or words. */
export interface ExpectationDraft {
  kind: DatasetDetail['rules']['expectations'][number]['kind']
  field: string
  takes: string
  share: string
}

/** Rules as they are typed; empty where nothing is asked for. */
export interface RuleDraft {
  splitBy: DatasetDetail['rules']['splitBy']
  testRows: DatasetDetail['rules']['testRows']
  clusters: boolean
  validationFrom: string
  testFrom: string
  perPersonAtMost: string
  influencedAtMost: string
  agreementFrom: string
  balanceBy: string
  balanceTimes: string
  keepDays: string
  consentFrom: string
  licences: string
  personalData: DatasetDetail['rules']['personalData']
  levels: Record<string, string>
  limits: Record<string, string>
  expectations: ExpectationDraft[]
}

export interface DatasetFormProps {
  project: string
  initial: DatasetDraft
  versions: { id: string; label: string }[]
  /** What there is to name. */
  choices: { queues: { id: string; label: string }[]; tags: string[]; slices: string[] }
  timeZone: string
  /** The dataset that is changed; without it one is made. */
  changing?: { slug: string; name: string }
  cancelHref: string
}

const given = (value: string) => (value.trim() === '' ? undefined : value.trim())
const asNumber = (value: string) => (given(value) === undefined ? undefined : Number(value.replace(',', '.')))

const listOf = (text: string) =>
  text
    .split(',')
    .map(one => one.trim())
    .filter(Boolean)

function expectationOf({ kind, field, takes, share }: ExpectationDraft) {
  const [from = '', to = ''] = takes.split(/\s*(?:–|—|\.\.|-(?=\s*[\d.,]))\s*/)
  const bounds = { from: asNumber(from), to: asNumber(to) }
  if (kind === 'volume') return { kind, ...bounds }
  if (kind === 'freshness') return { kind, withinDays: asNumber(takes) }
  return {
    kind,
    field,
    share: asNumber(share) ?? 1,
    ...(kind === 'length' || kind === 'range' ? bounds : {}),
    ...(kind === 'one-of' ? { values: listOf(takes) } : {}),
    ...(kind === 'without' ? { words: listOf(takes) } : {}),
  }
}

function rulesOf({ rules, shares, target }: DatasetDraft) {
  const { splitBy, testRows, clusters, personalData, levels, limits, balanceBy, balanceTimes } = rules
  const names = [...new Set([...Object.keys(levels), ...Object.keys(limits)])]
  const byTime = splitBy !== 'group'
  const licences = listOf(rules.licences)
  return {
    shares: {
      train: Number(shares.train) / 100,
      validation: Number(shares.validation) / 100,
      test: Number(shares.test) / 100,
    },
    splitBy,
    testRows,
    clusters,
    personalData,
    validationFrom: byTime ? given(rules.validationFrom) : undefined,
    testFrom: byTime ? given(rules.testFrom) : undefined,
    perPersonAtMost: asNumber(rules.perPersonAtMost),
    influencedAtMost: asNumber(rules.influencedAtMost),
    agreementFrom:
      target === 'resolution' || target === 'verdict' ? asNumber(rules.agreementFrom) : undefined,
    keepDays: asNumber(rules.keepDays),
    consentFrom: asNumber(rules.consentFrom),
    licences: licences.length > 0 ? licences : undefined,
    balance: given(balanceTimes) ? { by: balanceBy, atMostTimes: asNumber(balanceTimes) } : undefined,
    checks: Object.fromEntries(
      names
        .map(
          name => [name, { level: given(levels[name] ?? ''), limit: asNumber(limits[name] ?? '') }] as const,
        )
        .filter(([, { level, limit }]) => level !== undefined || limit !== undefined),
    ),
    expectations: rules.expectations.map(expectationOf),
  }
}

function bodyOf(draft: DatasetDraft) {
  const decision = draft.target === 'decision' || draft.target === 'preference'
  const every = keptStates.every(state => draft.states.includes(state))
  return {
    selection: {
      ...(decision && !every ? { states: draft.states } : {}),
      version: given(draft.version),
      ...(decision
        ? { confidenceFrom: asNumber(draft.confidenceFrom), confidenceTo: asNumber(draft.confidenceTo) }
        : {
            queue: given(draft.queue),
            ...(draft.target === 'resolution' ? { source: given(draft.source) } : {}),
            ...(draft.target === 'verdict' && draft.verdicts.length > 0 ? { verdicts: draft.verdicts } : {}),
          }),
      tag: given(draft.tag),
      from: given(draft.from),
      to: given(draft.to),
      text: given(draft.text),
      sample: draft.sample ? 'include' : 'exclude',
      simulated: draft.simulated ? 'include' : 'exclude',
    },
    rules: rulesOf(draft),
  }
}

const asError = (error: unknown) =>
  error instanceof ApiError
    ? error
    : new ApiError({ status: 0, code: 'page_failed', detail: 'Something failed here. Nothing was saved.' })

/** Says which rows, what counts as true and how it is split, and shows at once what that would hold. */
export function DatasetForm({
  project,
  initial,
  versions,
  choices,
  timeZone,
  changing,
  cancelHref,
}: DatasetFormProps) {
  const router = useRouter()
  const toast = useToast()
  const [draft, setDraft] = useState(initial)
  const [preview, setPreview] = useState<DatasetPreview | null>(null)
  const [problem, setProblem] = useState<ApiError | null>(null)
  const [refused, setRefused] = useState<ApiError | null>(null)
  const [busy, setBusy] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const set = (change: Partial<DatasetDraft>) => setDraft(now => ({ ...now, ...change }))
  const key = JSON.stringify({ target: draft.target, ...bodyOf(draft) })

  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => {
      client
        .request<DatasetPreview>('POST', `/projects/${project}/datasets/preview`, JSON.parse(key), {
          signal: stop.signal,
        })
        .then(
          next => {
            setPreview(next)
            setProblem(null)
          },
          error => {
            if (!stop.signal.aborted) setProblem(asError(error))
          },
        )
    }, previewAfterMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [key, project])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefused(null)
    const body = {
      name: draft.name,
      description: draft.description,
      licence: given(draft.licence) ?? null,
      consumers: draft.consumers.filter(one => one.name.trim() !== ''),
      ...bodyOf(draft),
    }
    try {
      const made = changing
        ? await client.request<MadeDataset>('PATCH', `/projects/${project}/datasets/${changing.slug}`, body)
        : await client.request<MadeDataset>('POST', `/projects/${project}/datasets`, {
            ...body,
            target: draft.target,
          })
      toast.show({ text: changing ? 'Dataset changed. Frozen versions stay as they are.' : 'Dataset saved.' })
      router.push(`/p/${project}/datasets/${made.slug}`)
      router.refresh()
    } catch (error) {
      setRefused(asError(error))
      setBusy(false)
    }
  }
  const decision = draft.target === 'decision' || draft.target === 'preference'
  const errorOf = (field: string) => {
    const found = [refused, problem].find(
      error => error?.field === field || error?.field?.startsWith(`${field}.`),
    )
    return found ? found.fieldWords : null
  }
  const states = (state: string, on: boolean) =>
    set({ states: on ? [...draft.states, state] : draft.states.filter(one => one !== state) })
  const unnamed = [problem, refused].find(
    error => error && !/^(name|selection|rules|consumers)/.test(error.field ?? ''),
  )
  return (
    <form className={styles.form} onSubmit={submit} aria-labelledby="dataset-form">
      <h2 id="dataset-form" ref={heading} tabIndex={-1}>
        {changing ? `Change ${changing.name}` : 'New dataset'}
      </h2>
      <div className={styles.columns}>
        <div className={styles.fields}>
          <TextField
            label="Name"
            required
            maxLength={80}
            value={draft.name}
            error={errorOf('name')}
            onChange={event => set({ name: event.target.value })}
          />
          <TextArea
            label="What it is for"
            rows={2}
            maxLength={2000}
            value={draft.description}
            onChange={event => set({ description: event.target.value })}
          />
          <SelectField
            label="What counts as true"
            hint={targetWords[draft.target].means}
            disabled={changing !== undefined}
            value={draft.target}
            options={Object.entries(targetWords).map(([value, words]) => ({ value, label: words.label }))}
            onChange={event => set({ target: event.target.value as Target })}
          />
          <TextField
            label="Licence"
            hint="Under what versions may be used, as CC-BY-4.0"
            maxLength={60}
            value={draft.licence}
            error={errorOf('licence')}
            onChange={event => set({ licence: event.target.value })}
          />
          <ConsumerFields draft={draft} errorOf={errorOf} onChange={set} />
          {decision ? (
            <fieldset className={styles.choices}>
              <legend>Decisions</legend>
              {keptStates.map(state => (
                <Checkbox
                  key={state}
                  label={state.charAt(0).toUpperCase() + state.slice(1)}
                  checked={draft.states.includes(state)}
                  onChange={on => states(state, on)}
                />
              ))}
              {errorOf('selection.states') ? <p className={styles.error}>Choose at least one.</p> : null}
            </fieldset>
          ) : (
            <>
              {draft.target === 'verdict' ? (
                <fieldset className={styles.choices}>
                  <legend>Verdicts</legend>
                  {(['good', 'usable', 'wrong'] as const).map(verdict => (
                    <Checkbox
                      key={verdict}
                      label={verdict.charAt(0).toUpperCase() + verdict.slice(1)}
                      checked={draft.verdicts.includes(verdict)}
                      onChange={on =>
                        set({
                          verdicts: on
                            ? [...draft.verdicts, verdict]
                            : draft.verdicts.filter(one => one !== verdict),
                        })
                      }
                    />
                  ))}
                </fieldset>
              ) : null}
              {draft.target === 'resolution' ? (
                <SelectField
                  label="How it was agreed"
                  value={draft.source}
                  options={[
                    { value: '', label: 'Either way' },
                    { value: 'queue', label: 'In a queue' },
                    { value: 'adjudication', label: 'By an adjudicator' },
                    { value: 'import', label: 'Elsewhere: brought in a file' },
                    { value: 'outcome', label: 'By what came of it' },
                  ]}
                  onChange={event => set({ source: event.target.value })}
                />
              ) : null}
              <SelectField
                label="From the queue"
                value={draft.queue}
                error={errorOf('selection.queue')}
                options={[
                  { value: '', label: 'Any queue' },
                  ...choices.queues.map(({ id, label }) => ({ value: id, label })),
                ]}
                onChange={event => set({ queue: event.target.value })}
              />
            </>
          )}
          <div className={styles.pair}>
            <TextField
              label="Words in it"
              maxLength={200}
              value={draft.text}
              error={errorOf('selection.text')}
              onChange={event => set({ text: event.target.value })}
            />
            <SelectField
              label="Model version"
              value={draft.version}
              options={[
                { value: '', label: 'Any version' },
                ...versions.map(one => ({ value: one.id, label: one.label })),
              ]}
              onChange={event => set({ version: event.target.value })}
            />
          </div>
          <div className={styles.pair}>
            <TextField
              type="date"
              label="From"
              hint={timeZone}
              value={draft.from}
              error={errorOf('selection.from')}
              onChange={event => set({ from: event.target.value })}
            />
            <TextField
              type="date"
              label="To"
              hint="That day included"
              value={draft.to}
              error={errorOf('selection.to')}
              onChange={event => set({ to: event.target.value })}
            />
          </div>
          {choices.tags.length > 0 || draft.tag !== '' ? (
            <SelectField
              label="Items tagged"
              value={draft.tag}
              error={errorOf('selection.tag')}
              options={[
                { value: '', label: 'Any, tagged or not' },
                ...[...new Set([...choices.tags, draft.tag])]
                  .filter(tag => tag !== '')
                  .map(tag => ({ value: tag, label: tag })),
              ]}
              onChange={event => set({ tag: event.target.value })}
            />
          ) : null}
          {decision ? (
            <div className={styles.pair}>
              <TextField
                inputMode="decimal"
                label="Confidence from"
                hint="0 to 1"
                value={draft.confidenceFrom}
                error={errorOf('selection.confidenceFrom')}
                onChange={event => set({ confidenceFrom: event.target.value })}
              />
              <TextField
                inputMode="decimal"
                label="Confidence to"
                hint="0 to 1"
                value={draft.confidenceTo}
                error={errorOf('selection.confidenceTo')}
                onChange={event => set({ confidenceTo: event.target.value })}
              />
            </div>
          ) : null}
          <fieldset className={styles.choices}>
            <legend>Left out unless asked for</legend>
            <Checkbox label="Sample items" checked={draft.sample} onChange={sample => set({ sample })} />
            <Checkbox
              label="Simulated rows"
              checked={draft.simulated}
              onChange={simulated => set({ simulated })}
            />
          </fieldset>
          <fieldset className={styles.shares}>
            <legend>Split, of a hundred groups</legend>
            {(['train', 'validation', 'test'] as const).map(split => (
              <TextField
                key={split}
                inputMode="decimal"
                label={split.charAt(0).toUpperCase() + split.slice(1)}
                value={draft.shares[split]}
                onChange={event => set({ shares: { ...draft.shares, [split]: event.target.value } })}
              />
            ))}
            {errorOf('rules.shares') ? (
              <p className={styles.error}>They must sum to 100.</p>
            ) : (
              <p className={styles.hint}>A group that was test once stays test for ever.</p>
            )}
          </fieldset>
          <RuleFields draft={draft} slices={choices.slices} errorOf={errorOf} onChange={set} />
        </div>
        <section className={styles.preview} aria-label="What it would hold" aria-live="polite">
          <Preview preview={preview} failed={problem !== null} />
        </section>
      </div>
      {unnamed ? <ErrorNote title={unnamed.detail} code={unnamed.code} /> : null}
      <div className={styles.actions}>
        <Button
          type="submit"
          kind="primary"
          busy={busy}
          disabledReason={draft.name.trim() === '' ? 'Give it a name first.' : null}
        >
          {changing ? 'Save the change' : 'Save dataset'}
        </Button>
        <ButtonLink kind="quiet" href={cancelHref}>
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
}

function Preview({ preview, failed }: { preview: DatasetPreview | null; failed: boolean }) {
  if (!preview)
    return <p className={styles.quiet}>{failed ? 'It can’t be counted like this.' : 'Counting.'}</p>
  return (
    <div className={styles.counted} data-stale={failed || undefined}>
      <p className={styles.figure}>
        {count(preview.rows, 'row')} <span>in {count(preview.groups, 'group')} now</span>
      </p>
      {preview.rows > 0 ? (
        <>
          <SplitBar counts={preview.splits} influenced={preview.influenced} />
          {preview.splits.test > 0 ? (
            <p className={styles.quiet}>
              {preview.unbiasedTest === preview.splits.test
                ? 'All of test was drawn by chance and judged without a suggestion.'
                : `${count(preview.unbiasedTest, 'row')} of ${preview.splits.test} in test drawn by chance and judged without a suggestion.`}
            </p>
          ) : null}
          <p className={styles.quiet}>Near-duplicates and personal data are looked for when it is frozen.</p>
          <p className={styles.quiet}>{statesSentence(preview.states)}</p>
        </>
      ) : (
        <p className={styles.quiet}>Nothing fits yet. It can be saved, and frozen once something does.</p>
      )}
      <LeftOut counts={preview.leftOut} />
    </div>
  )
}
