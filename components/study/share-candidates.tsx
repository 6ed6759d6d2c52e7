'use client'
import { Share2 } from 'lucide-react'
import { useState } from 'react'
import type { ShareCandidate, ShareExampleAnswer } from '@/contract/v1/learning'
import { hasPlaceholder } from '@/domain/learning'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { RelativeTime } from '../ui/relative-time'
import { TextArea } from '../ui/text-area'
import styles from './learned.module.css'

interface Props {
  slug: string
  candidates: ShareCandidate[]
}

/** What people taught, without what is about people, each to be read, mended and shared. */
export function ShareCandidates({ slug, candidates }: Props) {
  return (
    <ul className={styles.list}>
      {candidates.map(candidate => (
        <Candidate key={candidate.exposureId} slug={slug} candidate={candidate} />
      ))}
    </ul>
  )
}

function Candidate({ slug, candidate }: { slug: string; candidate: ShareCandidate }) {
  const { run, tell, busy, redrawing, refusal } = useChange(slug)
  const [input, setInput] = useState(candidate.input)
  const [text, setText] = useState(candidate.text)
  const picture = candidate.media !== null
  const hole = hasPlaceholder(text)
  const share = async () => {
    const answer = await run<ShareExampleAnswer>('share', 'POST', `/projects/${slug}/shared-examples`, {
      exposureId: candidate.exposureId,
      text,
      ...(picture ? {} : { input }),
    })
    if (answer)
      tell(
        'Shared. It is suggested to everybody from now on.',
        answer.actionId,
        'Undone. It is suggested to nobody else.',
        <Share2 />,
      )
  }
  return (
    <li className={styles.row}>
      {candidate.media ? (
        // biome-ignore lint/performance/noImgElement: the picture comes from our own store in the size that it has there.
        <img
          className={styles.photo}
          src={`/api/v1/projects/${slug}/media/${candidate.media.id}`}
          alt="What the caption was written for"
        />
      ) : (
        <TextArea
          label="Suggest it for messages like"
          rows={2}
          value={input}
          maxLength={5000}
          onChange={event => setInput(event.target.value)}
        />
      )}
      <TextArea
        label="In these words"
        rows={2}
        value={text}
        maxLength={5000}
        hint={hole ? 'Something was taken out. Write it so that anybody can use it as it stands.' : undefined}
        onChange={event => setText(event.target.value)}
      />
      <div className={styles.actions}>
        <Button
          kind="primary"
          size="small"
          icon={<Share2 />}
          busy={busy !== null || redrawing}
          disabledReason={
            hole
              ? 'Replace what stands in brackets first.'
              : text.trim() === ''
                ? 'Write something first.'
                : null
          }
          onClick={() => void share()}
        >
          Share with everybody
        </Button>
        <span className={styles.facts}>
          {candidate.people === 1 ? '1 person wrote it' : `${candidate.people} people wrote it`}, last{' '}
          <RelativeTime at={candidate.learnedAt} show="full" />
        </span>
      </div>
      {refusal ? (
        <ErrorNote title="That didn’t go through. Nothing was shared." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
    </li>
  )
}
