'use client'
import { Check, CircleSlash, Hourglass, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Stage, StagePreview } from '@/contract/v1/models'
import { percent } from '@/domain/percent'
import { ApiError, createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import styles from './stage-move.module.css'

const client = createClient()
const shares = [0.01, 0.05, 0.1, 0.25, 0.5]

export interface StageMoveProps {
  slug: string
  versionId: string
  name: string
  to: Stage
  /** Of a trial that runs: its share (0–1). */
  presentShare: number | null
  busy: boolean
  refusal: ApiError | null
  onConfirm: (share: number | null) => void
  onCancel: () => void
}

/** What a move would change and for whom, read before anybody confirms it, in the place of its button. */
export function StageMove(props: StageMoveProps) {
  const { slug, versionId, name, to, presentShare, busy, refusal, onConfirm, onCancel } = props
  const [share, setShare] = useState(shares.find(one => one > (presentShare ?? 0)) ?? shares.at(-1) ?? 0.1)
  const [preview, setPreview] = useState<StagePreview | null>(null)
  const [failed, setFailed] = useState<string | null>(null)
  const cancel = useRef<HTMLButtonElement>(null)
  const group = useRef<HTMLDivElement>(null)
  useEffect(() => cancel.current?.focus(), [])
  // What it says has grown below the lane's upper edge: the answers stay in sight.
  const told = preview ?? failed
  useEffect(() => {
    if (told) group.current?.scrollIntoView({ block: 'nearest' })
  }, [told])
  useEffect(() => {
    let over = false
    setFailed(null)
    client
      .request<StagePreview>(
        'GET',
        `/projects/${slug}/model-versions/${versionId}/stage-preview?stage=${to}&share=${share}`,
      )
      .then(
        found => over || setPreview(found),
        error =>
          over ||
          setFailed(error instanceof ApiError ? error.detail : 'The server can’t be reached. Try again.'),
      )
    return () => {
      over = true
    }
  }, [slug, versionId, to, share])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question with two answers is a group, not a form part.
    <div
      ref={group}
      role="group"
      aria-label={questions[to](name)}
      className={styles.move}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onCancel()
      }}
    >
      <p className={styles.question}>{questions[to](name)}</p>
      {to === 'canary' ? (
        <SelectField
          label="Share of people"
          value={String(share)}
          onChange={event => setShare(Number(event.target.value))}
          options={shares.map(one => ({ value: String(one), label: percent(one) }))}
        />
      ) : null}
      <div className={styles.facts} aria-live="polite">
        {preview ? <PreviewFacts preview={preview} /> : failed ? null : <p>Looking at what it changes…</p>}
      </div>
      {failed ? <ErrorNote title={failed} /> : null}
      {refusal ? (
        <ErrorNote title="That didn’t go through. Nothing changed." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
      <div className={styles.buttons}>
        <Button ref={cancel} size="small" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          kind="primary"
          size="small"
          busy={busy}
          disabledReason={
            preview ? preview.blocked : failed ? 'Its preview failed.' : 'Its preview is read first.'
          }
          onClick={() => onConfirm(to === 'canary' ? share : null)}
        >
          {confirms[to](name)}
        </Button>
      </div>
    </div>
  )
}

const icons = {
  pass: <Check aria-hidden />,
  fail: <X aria-hidden />,
  'not-enough-data': <Hourglass aria-hidden />,
  blocked: <CircleSlash aria-hidden />,
  'not-judged': <Hourglass aria-hidden />,
}

function PreviewFacts({ preview }: { preview: StagePreview }) {
  const { people, peopleAll, perDay, changes, gates, blocked } = preview
  return (
    <>
      <ul>
        {changes.map(change => (
          <li key={change}>{change}</li>
        ))}
        {peopleAll > 0 && people > 0 ? (
          <li>
            It concerns {people.toLocaleString('en')} of the {peopleAll.toLocaleString('en')} people of the
            last 28 days, about {perDay.toLocaleString('en')} suggestions a day.
          </li>
        ) : null}
      </ul>
      {gates.length > 0 ? (
        <ul className={styles.gates}>
          {gates.map(gate => (
            <li key={gate.gate} data-outcome={gate.outcome}>
              {icons[gate.outcome]}
              <span>
                {gate.gate}
                {gate.required ? ', asked for here' : ''}: {gate.words}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {blocked ? <p className={styles.blocked}>{blocked}</p> : null}
    </>
  )
}

const questions: Record<Stage, (name: string) => string> = {
  live: name => `Put ${name} live?`,
  canary: name => `Try ${name} on some people?`,
  shadow: name => `Run ${name} unseen?`,
  candidate: name => `Make ${name} a candidate again?`,
  retired: name => `Retire ${name}?`,
}
const confirms: Record<Stage, (name: string) => string> = {
  live: name => `Put ${name} live`,
  canary: name => `Try ${name}`,
  shadow: name => `Run ${name} unseen`,
  candidate: name => `Take ${name} back`,
  retired: name => `Retire ${name}`,
}
