'use client'
import { CircleSlash } from 'lucide-react'
import type { SharedExample, WithdrawExampleAnswer } from '@/contract/v1/learning'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { RelativeTime } from '../ui/relative-time'
import styles from './learned.module.css'

const reasons: Record<NonNullable<SharedExample['withdrawnReason']>, string> = {
  curator: 'Withdrawn by a curator',
  undone: 'Withdrawn: who taught it took it back, or allows training no more',
  'too-few': 'Withdrawn: fewer than three people stand by it',
  erased: 'Erased with what it came from',
}

/** What is or was suggested to everybody, with its way back. */
export function SharedList({ slug, examples }: { slug: string; examples: SharedExample[] }) {
  return (
    <ul className={styles.list}>
      {examples.map(example => (
        <Example key={example.id} slug={slug} example={example} />
      ))}
    </ul>
  )
}

function Example({ slug, example }: { slug: string; example: SharedExample }) {
  const { run, tell, busy, redrawing, refusal } = useChange(slug)
  const withdraw = async () => {
    const answer = await run<WithdrawExampleAnswer>(
      'withdraw',
      'POST',
      `/projects/${slug}/shared-examples/${example.id}/withdraw`,
    )
    if (answer)
      tell(
        'Withdrawn. It is suggested to nobody else.',
        answer.actionId,
        'Undone. It is suggested to everybody again.',
        <CircleSlash />,
      )
  }
  return (
    <li className={styles.row} data-withdrawn={example.state === 'withdrawn' || undefined}>
      {example.media ? (
        // biome-ignore lint/performance/noImgElement: the picture comes from our own store in the size that it has there.
        <img
          className={styles.photo}
          src={`/api/v1/projects/${slug}/media/${example.media.id}`}
          alt="What the caption was written for"
        />
      ) : (
        <p className={styles.input} dir="auto">
          {example.input ?? 'The words were erased.'}
        </p>
      )}
      <p className={styles.text} dir="auto">
        {example.text ?? 'The words were erased.'}
      </p>
      <div className={styles.actions}>
        {example.state === 'active' ? (
          <Button
            size="small"
            icon={<CircleSlash />}
            busy={busy !== null || redrawing}
            onClick={() => void withdraw()}
          >
            Withdraw
          </Button>
        ) : null}
        <span className={styles.facts}>
          {example.withdrawnReason
            ? reasons[example.withdrawnReason]
            : example.source === 'curator'
              ? 'Approved by a curator'
              : 'Three people wrote the same'}
          , <RelativeTime at={example.createdAt} show="full" />
          {example.shown === 0
            ? ''
            : example.shown === 1
              ? ', suggested once'
              : `, suggested ${example.shown.toLocaleString('en')} times`}
        </span>
      </div>
      {refusal ? (
        <ErrorNote title="That didn’t go through." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
    </li>
  )
}
