import { type FormEvent, type ReactNode, useEffect, useEffectEvent, useId, useRef, useState } from 'react'
import type { BulkAnswer, BulkPreview, BulkSelection } from '@/contract/v1/bulk-acts'
import type { FilterChoices } from '@/contract/v1/explore'
import type { Job } from '@/contract/v1/jobs'
import type { QueueList } from '@/contract/v1/review'
import type { BulkAct, BulkKind } from '@/domain/bulk-acts'
import { ApiError, createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import styles from './bulk-bar.module.css'
import { doneWords, number, plural } from './explorer-words'

/** Counting what a filter lets through may take its time. */
const client = createClient({ timeoutMs: 60_000 })
const lookEveryMs = 500

export interface BulkStepsProps {
  slug: string
  kind: BulkKind
  selection: BulkSelection
  onRunning: (running: boolean) => void
  onLeave: () => void
  onDone: () => void
}

const known = (error: unknown) =>
  error instanceof ApiError
    ? error
    : new ApiError({
        status: 0,
        code: 'page_failed',
        detail: 'That didn’t work. Nothing was changed; try again.',
      })

/** One act on what is selected: what it needs to know, what it will change, then doing it, with its progress. */
export function BulkSteps({ slug, kind, selection, onRunning, onLeave, onDone }: BulkStepsProps) {
  const change = useChange(slug)
  const [detail, setDetail] = useState('')
  const [act, setAct] = useState<BulkAct | null>(
    kind === 'exclude' || kind === 'include' || kind === 'redact' ? { kind } : null,
  )
  const [preview, setPreview] = useState<BulkPreview | null>(null)
  const [refusal, setRefusal] = useState<ApiError | null>(null)
  const [running, setRunning] = useState<BulkAnswer | null>(null)
  const [busy, setBusy] = useState(false)
  /** Sending again after a lost answer does nothing twice. */
  const id = useRef(newId())
  const asked = JSON.stringify([act, selection])

  const look = useEffectEvent(async (signal: { over: boolean }) => {
    if (!act) return
    setPreview(null)
    setRefusal(null)
    try {
      const found = await client.request<BulkPreview>('POST', `/projects/${slug}/bulk/preview`, {
        selection,
        act,
      })
      if (!signal.over) setPreview(found)
    } catch (error) {
      if (!signal.over) setRefusal(known(error))
    }
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another act or another selection is looked at anew.
  useEffect(() => {
    const signal = { over: false }
    void look(signal)
    return () => {
      signal.over = true
    }
  }, [asked])

  const follow = async (answer: BulkAnswer) => {
    let now = answer
    while (now.state === 'running') {
      setRunning(now)
      onRunning(true)
      await new Promise(resolve => setTimeout(resolve, lookEveryMs))
      now = await client.request<BulkAnswer>('GET', `/projects/${slug}/bulk/${now.id}`).catch(() => now)
    }
    onRunning(false)
    setRunning(null)
    return now
  }
  const go = async () => {
    if (!act || !preview) return
    setBusy(true)
    setRefusal(null)
    try {
      const begun = await client.request<BulkAnswer>('POST', `/projects/${slug}/bulk`, {
        id: id.current,
        act,
        selection: 'filter' in selection ? { ...selection, until: preview.until } : selection,
        expected: { items: preview.items, changes: preview.changes },
      })
      const ended = await follow(begun)
      if (ended.state === 'failed') {
        id.current = newId()
        setRefusal(
          new ApiError({ status: 409, code: 'conflict', detail: ended.error ?? 'It failed on the way.' }),
        )
        return
      }
      change.tell(
        ended.state === 'cancelled'
          ? `Cancelled. ${doneWords(act, ended.changed)}`
          : doneWords(act, ended.changed),
        ended.actionId,
        'Undone. Every item is as it was.',
      )
      onDone()
    } catch (error) {
      const refused = known(error)
      // What was refused may be asked for again under another body.
      if (refused.status !== 0) id.current = newId()
      setRefusal(refused)
    } finally {
      setBusy(false)
    }
  }

  if (running) return <Running slug={slug} answer={running} />
  return (
    <div className={styles.steps}>
      {kind === 'tag' || kind === 'untag' ? (
        <AskTag
          slug={slug}
          value={detail}
          onChange={setDetail}
          onAsk={tag => setAct({ kind, tag })}
          error={refusal?.field === 'act.tag' ? refusal.fieldWords : null}
        />
      ) : null}
      {kind === 'queue' ? <AskQueue slug={slug} onAsk={queueId => setAct({ kind, queueId })} /> : null}
      {refusal && refusal.field !== 'act.tag' ? (
        <ErrorNote
          title="Nothing was changed."
          code={refusal.code}
          retryLabel="Look again"
          onRetry={() => void look({ over: false })}
        >
          {refusal.detail}
        </ErrorNote>
      ) : null}
      {act && !preview && !refusal ? <p className={styles.quiet}>Counting…</p> : null}
      {act && preview ? (
        <Preview act={act} preview={preview}>
          <Button
            kind="primary"
            size="small"
            busy={busy}
            disabledReason={preview.changes === 0 ? 'Nothing would change.' : null}
            onClick={() => void go()}
          >
            {goWords(act, preview.changes)}
          </Button>
          <Button size="small" onClick={onLeave}>
            Not now
          </Button>
        </Preview>
      ) : null}
    </div>
  )
}

function goWords(act: BulkAct, changes: number | null): string {
  const what = changes === null ? 'what is found' : plural(changes, 'item', 'items')
  const verbs: Record<BulkKind, string> = {
    tag: `Tag ${what}`,
    untag: `Untag ${what}`,
    queue: `Send ${what}`,
    exclude: `Keep ${what} out`,
    include: `Let ${what} in`,
    redact: `Redact ${what}`,
  }
  return verbs[act.kind]
}

function Preview({ act, preview, children }: { act: BulkAct; preview: BulkPreview; children: ReactNode }) {
  const { rows, items, changes, unchanged, examples, notes, lookedThrough, found } = preview
  return (
    <div className={styles.preview} role="status">
      <p>
        {plural(rows, 'row is', 'rows are')} about {plural(items, 'item', 'items')}.{' '}
        <strong>
          {changes === null
            ? `Of the first ${number(lookedThrough ?? 0)} looked through, ${number(found ?? 0)} hold personal data; the others are looked through as it runs.`
            : changes === 0
              ? 'None will change.'
              : `${number(changes)} will change.`}
        </strong>{' '}
        {examples.length > 0 && act.kind !== 'untag'
          ? `Among them: ${examples.map(example => `“${example.title ?? 'erased'}”`).join(', ')}.`
          : null}
      </p>
      {unchanged.length + notes.length > 0 ? (
        <ul className={styles.notes}>
          {unchanged.map(({ reason, words, items: n }) => (
            <li key={reason}>
              {number(n)} stay as they are: they {words.startsWith('erased') ? `are ${words}` : words}.
            </li>
          ))}
          {notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      <div className={styles.buttons}>{children}</div>
    </div>
  )
}

function AskTag({
  slug,
  value,
  onChange,
  onAsk,
  error,
}: {
  slug: string
  value: string
  onChange: (value: string) => void
  onAsk: (tag: string) => void
  error: string | null
}) {
  const [known, setKnown] = useState<string[]>([])
  const list = useId()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    client
      .request<FilterChoices>('GET', `/projects/${slug}/feedback/filters`)
      .then(({ tags }) => setKnown(tags))
      .catch(() => {})
  }, [slug])
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (value.trim()) onAsk(value.trim())
  }
  return (
    <form className={styles.ask} onSubmit={ask}>
      <TextField
        ref={field}
        label="Tag"
        hint="A dataset or a slice can be made of what carries it."
        value={value}
        maxLength={60}
        list={list}
        autoComplete="off"
        error={error}
        onChange={event => onChange(event.target.value)}
      />
      <datalist id={list}>
        {known.map(tag => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      <Button type="submit" size="small">
        See what changes
      </Button>
    </form>
  )
}

function AskQueue({ slug, onAsk }: { slug: string; onAsk: (queueId: string) => void }) {
  const [queues, setQueues] = useState<QueueList['queues'] | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    client
      .request<QueueList>('GET', `/projects/${slug}/queues`)
      .then(({ queues: all }) => setQueues(all.filter(queue => queue.state !== 'closed')))
      .catch(() => setFailed(true))
  }, [slug])
  if (failed)
    return <p className={styles.quiet}>The queues could not be read. Close this and open it again.</p>
  if (!queues) return <p className={styles.quiet}>Reading the queues…</p>
  if (queues.length === 0)
    return (
      <p className={styles.quiet}>
        There is no open queue. <a href={`/p/${slug}/queues/new`}>Make one</a> first.
      </p>
    )
  return (
    <SelectField
      label="Queue"
      defaultValue=""
      options={[
        { value: '', label: 'Choose a queue' },
        ...queues.map(queue => ({ value: queue.id, label: queue.name })),
      ]}
      onChange={event => {
        if (event.target.value) onAsk(event.target.value)
      }}
    />
  )
}

function Running({ slug, answer }: { slug: string; answer: BulkAnswer }) {
  const [job, setJob] = useState<Job | null>(null)
  const [cancelling, setCancelling] = useState(false)
  useEffect(() => {
    if (answer.jobId)
      client
        .request<Job>('GET', `/projects/${slug}/jobs/${answer.jobId}`)
        .then(setJob)
        .catch(() => {})
  }, [slug, answer])
  return (
    <div className={styles.running}>
      <progress
        aria-label="Changing items"
        max={job?.total ?? undefined}
        value={job?.total ? job.done : undefined}
      />
      <span role="status">
        {job?.total
          ? `${number(job.done)} of ${number(job.total)} items`
          : (job?.message ?? 'Waiting for its turn')}
      </span>
      <Button
        size="small"
        busy={cancelling}
        onClick={() => {
          setCancelling(true)
          void client
            .request('POST', `/projects/${slug}/jobs/${answer.jobId}/cancel`)
            .catch(() => setCancelling(false))
        }}
      >
        Cancel
      </Button>
    </div>
  )
}
