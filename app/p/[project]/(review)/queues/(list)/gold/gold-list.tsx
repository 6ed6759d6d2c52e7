'use client'
import { Suspense, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { SelectField } from '@/components/ui/select-field'
import { Skeleton } from '@/components/ui/skeleton'
import { viewerOf } from '@/components/workbench/evidence'
import type { GoldAnswer, GoldCandidate, GoldGround, GoldItem } from '@/contract/v1/gold'
import type { WorkSpecification } from '@/contract/v1/review'
import type { TaskViewerProps } from '@/tasks/task-type'
import styles from './gold.module.css'
import { GoldEditor } from './gold-editor'

const verdictWords = { good: 'Good', usable: 'Usable', wrong: 'Wrong' }
const uses = [
  { value: 'measure', label: 'Measure' },
  { value: 'practice', label: 'Practice' },
]

type Reasons = WorkSpecification['reasons']

export function GoldList({
  project,
  items,
  reasons,
}: {
  project: string
  items: GoldItem[]
  reasons: Reasons
}) {
  return (
    <ul className={styles.list} aria-label="Gold items">
      {items.map(item => (
        <GoldRow key={item.itemId} project={project} item={item} reasons={reasons} />
      ))}
    </ul>
  )
}

function GoldRow({ project, item, reasons }: { project: string; item: GoldItem; reasons: Reasons }) {
  const { run, tell, busy, redrawing, refusal } = useChange(project)
  const [editing, setEditing] = useState(false)
  const path = `/projects/${project}/gold/${item.itemId}`
  const title = item.title || 'An item that was erased'
  async function change(body: object, words: string) {
    const answer = await run<GoldAnswer>('change', 'PATCH', path, body)
    if (!answer) return
    setEditing(false)
    tell(words, answer.actionId, 'Undone. It is as it was.')
  }
  async function retire() {
    const answer = await run<GoldAnswer>('retire', 'POST', `${path}/retire`)
    if (answer)
      tell('Retired. It is reviewed like any other item.', answer.actionId, 'Undone. It is gold again.')
  }
  return (
    <li data-retired={item.retiredAt !== null || undefined}>
      <h3 dir="auto">{title}</h3>
      {editing ? (
        <GoldEditor
          title={title}
          candidates={item.candidates}
          reasons={reasons}
          known={item}
          saves={[{ name: 'change', label: 'Save' }]}
          busy={busy}
          onSave={(_, truth) => void change(truth, 'What is true of it is changed.')}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <>
          <ul className={styles.verdicts}>
            {item.candidates.map(({ candidateId, text }) => {
              const known = item.verdicts.find(verdict => verdict.candidateId === candidateId)
              return (
                <li key={candidateId}>
                  <strong>{known ? verdictWords[known.verdict] : 'Unknown'}</strong> <q dir="auto">{text}</q>
                </li>
              )
            })}
          </ul>
          {item.texts.length > 0 ? <p dir="auto">Acceptable: {item.texts.join(' / ')}</p> : null}
          {item.explanation ? <p dir="auto">{item.explanation}</p> : null}
        </>
      )}
      <p className={styles.quiet}>
        {item.retiredAt ? 'Retired' : item.use === 'measure' ? 'To measure' : 'For practice'}, set{' '}
        <RelativeTime at={item.setAt} show="full" />,{' '}
        {item.answers === 1 ? '1 answer' : `${item.answers} answers`}
      </p>
      {item.retiredAt ? null : (
        <div className={styles.acts}>
          <SelectField
            label={`Use of ${title}`}
            labelHidden
            value={item.use}
            options={uses}
            disabled={busy !== null || redrawing}
            onChange={event => void change({ use: event.target.value }, 'Its use is changed.')}
          />
          {editing ? null : (
            <Button size="small" aria-label={`Edit ${title}`} onClick={() => setEditing(true)}>
              Edit
            </Button>
          )}
          <Button
            size="small"
            kind="quiet"
            busy={busy === 'retire' || redrawing}
            aria-label={`Retire ${title}`}
            onClick={() => void retire()}
          >
            Retire
          </Button>
        </div>
      )}
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </li>
  )
}

export function GoldCandidates({ project, candidates }: { project: string; candidates: GoldCandidate[] }) {
  return (
    <ul className={styles.list} aria-label="Resolved items">
      {candidates.map(candidate => (
        <CandidateRow key={candidate.entryId} project={project} candidate={candidate} />
      ))}
    </ul>
  )
}

function CandidateRow({ project, candidate }: { project: string; candidate: GoldCandidate }) {
  const { run, tell, busy, redrawing, refusal } = useChange(project)
  const title = candidate.title || 'An item without a title'
  async function set(use: 'measure' | 'practice') {
    const answer = await run<GoldAnswer>(use, 'POST', `/projects/${project}/gold`, {
      entryId: candidate.entryId,
      use,
    })
    if (answer)
      tell(
        use === 'measure' ? 'Set as gold to measure with.' : 'Set as a practice item.',
        answer.actionId,
        'Undone. It is an ordinary item again.',
      )
  }
  return (
    <li>
      <h3 dir="auto">{title}</h3>
      <p dir="auto">
        {candidate.accepted.length > 0
          ? `Accepted: ${candidate.accepted.join(' / ')}`
          : 'Nothing was accepted.'}
      </p>
      <p className={styles.quiet}>
        {candidate.queue}, resolved <RelativeTime at={candidate.resolvedAt} show="full" />
      </p>
      <div className={styles.acts}>
        <Button
          size="small"
          busy={busy === 'measure' || redrawing}
          aria-label={`Measure with ${title}`}
          onClick={() => void set('measure')}
        >
          Measure with it
        </Button>
        <Button
          size="small"
          busy={busy === 'practice' || redrawing}
          aria-label={`Practise with ${title}`}
          onClick={() => void set('practice')}
        >
          Practise with it
        </Button>
      </div>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </li>
  )
}

interface GroundProps {
  project: string
  taskType: string
  reasons: Reasons
}

/** Any item with a suggestion, to be judged by the curator themselves. */
export function GoldGrounds({ items, ...rest }: GroundProps & { items: GoldGround[] }) {
  return (
    <ul className={styles.list} aria-label="Other items">
      {items.map(item => (
        <GroundRow key={item.itemId} item={item} {...rest} />
      ))}
    </ul>
  )
}

function Drawn({ taskType, ...props }: TaskViewerProps & { taskType: string }) {
  const Viewer = viewerOf(taskType)
  return <Viewer {...props} />
}

const nothingKnown = { verdicts: [], texts: [], explanation: '' }

function GroundRow({ project, taskType, reasons, item }: GroundProps & { item: GoldGround }) {
  const { run, tell, busy, redrawing, refusal } = useChange(project)
  const [open, setOpen] = useState(false)
  async function set(use: string, truth: object) {
    const answer = await run<GoldAnswer>(use, 'POST', `/projects/${project}/gold`, {
      itemId: item.itemId,
      use,
      ...truth,
    })
    if (!answer) return
    setOpen(false)
    tell(
      use === 'measure' ? 'Set as gold to measure with.' : 'Set as a practice item.',
      answer.actionId,
      'Undone. It is an ordinary item again.',
    )
  }
  return (
    <li>
      <h3 dir="auto">{item.title}</h3>
      {open ? (
        <>
          <Suspense fallback={<Skeleton />}>
            <Drawn
              taskType={taskType}
              payload={item.payload}
              mediaBase={`/api/v1/projects/${project}/media`}
            />
          </Suspense>
          <GoldEditor
            title={item.title}
            candidates={item.candidates}
            reasons={reasons}
            known={nothingKnown}
            saves={[
              { name: 'measure', label: 'Set to measure' },
              { name: 'practice', label: 'Set for practice' },
            ]}
            busy={busy}
            onSave={(use, truth) => void set(use, truth)}
            onCancel={() => setOpen(false)}
          />
        </>
      ) : (
        <div className={styles.acts}>
          <Button
            size="small"
            busy={redrawing}
            aria-label={`Judge ${item.title}`}
            onClick={() => setOpen(true)}
          >
            Judge it
          </Button>
          <span className={styles.quiet}>
            {item.candidates.length === 1 ? '1 suggestion' : `${item.candidates.length} suggestions`},
            received <RelativeTime at={item.receivedAt} show="full" />
          </span>
        </div>
      )}
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </li>
  )
}
