'use client'
import { useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { SelectField } from '@/components/ui/select-field'
import { TextArea } from '@/components/ui/text-area'
import type { GoldAnswer, GoldCandidate, GoldItem } from '@/contract/v1/gold'
import styles from './gold.module.css'

const verdictWords = { good: 'Good', usable: 'Usable', wrong: 'Wrong' }
const uses = [
  { value: 'measure', label: 'Measure' },
  { value: 'practice', label: 'Practice' },
]

export function GoldList({ project, items }: { project: string; items: GoldItem[] }) {
  return (
    <ul className={styles.list} aria-label="Gold items">
      {items.map(item => (
        <GoldRow key={item.itemId} project={project} item={item} />
      ))}
    </ul>
  )
}

function GoldRow({ project, item }: { project: string; item: GoldItem }) {
  const { run, tell, busy, redrawing, refusal } = useChange(project)
  const [editing, setEditing] = useState(false)
  const [explanation, setExplanation] = useState(item.explanation)
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
      {editing ? (
        <div className={styles.edit}>
          <TextArea
            label="Explanation"
            hint="Told after a practice answer, and a day later to who missed it."
            rows={3}
            maxLength={4000}
            value={explanation}
            onChange={event => setExplanation(event.target.value)}
          />
          <div className={styles.acts}>
            <Button
              size="small"
              kind="primary"
              busy={busy === 'change'}
              onClick={() => void change({ explanation }, 'The explanation is changed.')}
            >
              Save
            </Button>
            <Button size="small" onClick={() => setEditing(false)}>
              Cancel
            </Button>
          </div>
        </div>
      ) : item.explanation ? (
        <p dir="auto">{item.explanation}</p>
      ) : null}
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
            <Button size="small" aria-label={`Explain ${title}`} onClick={() => setEditing(true)}>
              Explain
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
