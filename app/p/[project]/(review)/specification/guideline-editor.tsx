'use client'
import { ArrowDown, ArrowUp, Pencil, Plus, X } from 'lucide-react'
import dynamic from 'next/dynamic'
import { type FormEvent, type KeyboardEvent, useEffect, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { IconButton } from '@/components/ui/icon-button'
import { Keycap } from '@/components/ui/keycap'
import { TextArea } from '@/components/ui/text-area'
import { TextField } from '@/components/ui/text-field'
import type { ChangedSpecification, SpecificationView } from '@/contract/v1/specification'
import { AffectedAnswers } from './affected-answers'
import styles from './specification.module.css'
import { codedReasons, draftOf, mostReasons, requestOf, type SpecificationDraft } from './specification-draft'
import { useImpact } from './use-impact'

const Markdown = dynamic(() => import('@/components/review/markdown').then(module => module.Markdown))

interface Props {
  project: string
  current: SpecificationView
}

/** Opens the form; what was begun stays in it when somebody else publishes meanwhile. */
export function GuidelineEditor({ project, current }: Props) {
  const [base, setBase] = useState<SpecificationView | null>(null)
  return base ? (
    <Form project={project} base={base} current={current} onDone={() => setBase(null)} />
  ) : (
    <p>
      <Button icon={<Pencil />} onClick={() => setBase(current)}>
        Edit the guideline
      </Button>
    </p>
  )
}

function Form({ project, base, current, onDone }: Props & { base: SpecificationView; onDone: () => void }) {
  const [draft, setDraft] = useState<SpecificationDraft>(() => draftOf(base))
  const { run, tell, busy, refusal } = useChange(project)
  const { body, missing } = requestOf(draft, base)
  const { preview, problem, counting, again } = useImpact(project, body, missing)
  const change = (part: Partial<SpecificationDraft>) => setDraft(now => ({ ...now, ...part }))
  const written = draft.markdown !== base.markdown || draft.note !== ''
  useEffect(() => {
    if (!written) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [written])

  async function publish(event: FormEvent) {
    event.preventDefault()
    if (busy || missing) return
    const made = await run<ChangedSpecification>(
      'publish',
      'POST',
      `/projects/${project}/specification/versions`,
      body,
    )
    if (!made) return
    tell(
      made.jobId
        ? `Version ${made.version} is published. Items are being sent back.`
        : `Version ${made.version} is published.`,
      made.actionId,
      'The former guideline is in force again, as a new version.',
    )
    onDone()
  }

  return (
    <form className={styles.form} onSubmit={publish} noValidate aria-label="Edit the guideline">
      <div className={styles.columns}>
        <TextArea
          label="Guideline"
          note="Markdown"
          mono
          rows={16}
          maxLength={40_000}
          dir="auto"
          value={draft.markdown}
          onChange={event => change({ markdown: event.target.value })}
        />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long guideline scrolls in its place, also from the keyboard. */}
        <section className={styles.live} aria-labelledby="guideline-preview" tabIndex={0}>
          <h3 id="guideline-preview">As it is read</h3>
          {draft.markdown ? <Markdown text={draft.markdown} /> : <p className={styles.quiet}>Nothing yet.</p>}
        </section>
      </div>
      <ReasonsEditor draft={draft} base={base} onChange={reasons => change({ reasons })} />
      <TextField
        label="What changed"
        note="Optional"
        hint="Read in the list of versions, and by those whose items come back."
        maxLength={500}
        value={draft.note}
        onChange={event => change({ note: event.target.value })}
      />
      <AffectedAnswers
        draft={draft}
        reasons={codedReasons(draft, base)}
        preview={preview}
        counting={counting}
        missing={missing}
        onChange={change}
      />
      {problem && !(current.version !== base.version) ? <ErrorNote title={problem} onRetry={again} /> : null}
      {current.version !== base.version ? (
        <ErrorNote title={`Version ${current.version} was published meanwhile. Your text is still here.`}>
          Copy what you want to keep, cancel, and edit the new version.
        </ErrorNote>
      ) : refusal ? (
        <ErrorNote title={refusal.detail} code={refusal.code} />
      ) : null}
      <div className={styles.acts}>
        <Button type="submit" kind="primary" busy={busy === 'publish'} disabledReason={missing}>
          Publish version {base.version + 1}
        </Button>
        <Button kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function ReasonsEditor({
  draft,
  base,
  onChange,
}: {
  draft: SpecificationDraft
  base: SpecificationView
  onChange: (reasons: SpecificationDraft['reasons']) => void
}) {
  const [added, setAdded] = useState(0)
  const { reasons } = draft
  const coded = codedReasons(draft, base)
  const move = (from: number, to: number) => {
    const [row] = reasons.slice(from, from + 1)
    if (!row || to < 0 || to >= reasons.length) return
    onChange(reasons.toSpliced(from, 1).toSpliced(to, 0, row))
  }
  const add = () => {
    if (reasons.length >= mostReasons) return
    onChange([...reasons, { code: null, words: '', key: `new ${added}` }])
    setAdded(added + 1)
  }
  const onKey = (event: KeyboardEvent, at: number) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (step && event.altKey) move(at, at + step)
    // Enter would publish the whole: here it goes on to the next reason.
    else if (event.key === 'Enter' && at === reasons.length - 1) add()
    else if (event.key !== 'Enter') return
    event.preventDefault()
  }
  return (
    <fieldset className={styles.fieldset}>
      <legend>Reasons</legend>
      <p className={styles.quiet}>
        In the order of their keys. <Keycap chord="alt+arrowup" /> <Keycap chord="alt+arrowdown" /> move the
        one you are in, <Keycap chord="enter" /> in the last one adds another.
      </p>
      <ol className={styles.reasonRows}>
        {coded.map(({ key, code }, at) => (
          <li key={key}>
            <span className={styles.key} aria-hidden>
              {at + 1}
            </span>
            <TextField
              label={`Reason ${at + 1}`}
              labelHidden
              maxLength={60}
              dir="auto"
              // It was asked for a moment ago, by key or press.
              autoFocus={reasons[at]?.code === null}
              value={reasons[at]?.words ?? ''}
              onKeyDown={event => onKey(event, at)}
              onChange={event =>
                onChange(reasons.map(row => (row.key === key ? { ...row, words: event.target.value } : row)))
              }
            />
            <code>{code}</code>
            <span className={styles.rowActs}>
              <IconButton
                label={`Move reason ${at + 1} up`}
                icon={<ArrowUp />}
                onClick={() => move(at, at - 1)}
              />
              <IconButton
                label={`Move reason ${at + 1} down`}
                icon={<ArrowDown />}
                onClick={() => move(at, at + 1)}
              />
              <IconButton
                label={`Remove reason ${at + 1}`}
                icon={<X />}
                onClick={() => onChange(reasons.filter(row => row.key !== key))}
              />
            </span>
          </li>
        ))}
      </ol>
      <Button
        size="small"
        icon={<Plus />}
        disabledReason={reasons.length >= mostReasons ? 'Nine keys, nine reasons.' : null}
        onClick={add}
      >
        Add a reason
      </Button>
    </fieldset>
  )
}
