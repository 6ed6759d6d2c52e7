'use client'
import { Pause, Play, RefreshCw, X } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { ruleWords } from '@/components/review/rule-words'
import { useChange } from '@/components/shell/use-change'
import { Button, ButtonLink } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import type { ChangeQueueAnswer, QueueView } from '@/contract/v1/review'
import { FlaggedItems } from './flagged-items'
import styles from './queues.module.css'

interface Props {
  project: string
  queue: QueueView
  /** The one that the page suggests to work on. */
  primary: boolean
  mayManage: boolean
  now: string
}

const stateWords = { open: 'Open', paused: 'Paused', closed: 'Closed' }

export function QueueRow({ project, queue, primary, mayManage, now }: Props) {
  const { run, tell, busy, refusal } = useChange(project)
  const [flagged, setFlagged] = useState(false)
  const { id, name, state, items, resolved, openForMe, mine, overlap } = queue
  const href = `/p/${project}/queues/${id}`
  const path = `/projects/${project}/queues/${id}`

  async function change(to: QueueView['state'], words: string) {
    const changed = await run<ChangeQueueAnswer>(to, 'PATCH', path, { state: to })
    if (changed) tell(words, changed.actionId, `Undone. “${name}” is as it was.`)
  }
  async function refill() {
    const answer = await run<QueueView>('refill', 'POST', `${path}/refill`)
    if (!answer) return
    const more = answer.items - items
    const words =
      more === 0 ? 'nothing new was selected' : more === 1 ? '1 item came in' : `${more} items came in`
    tell(answer.jobId ? 'The queue is being filled.' : `Looked at everything again: ${words}.`, null, '')
  }

  return (
    <li className={styles.row} data-state={state}>
      <div className={styles.what}>
        <h2>
          <Link href={href} prefetch={false}>
            {name}
          </Link>
          <span className={styles.state} data-state={state}>
            {stateWords[state]}
          </span>
        </h2>
        <p className={styles.rule}>
          {ruleWords(queue.rule)}.{overlap > 1 ? ` ${overlap} people judge each.` : ''}
        </p>
        <div className={styles.progress}>
          <span
            className={styles.track}
            style={{ ['--share' as string]: items === 0 ? 0 : resolved / items }}
            role="progressbar"
            aria-label={`Resolved in ${name}`}
            aria-valuemin={0}
            aria-valuemax={items}
            aria-valuenow={resolved}
          >
            <span />
          </span>
          <span>
            {items === 0 ? 'Nothing selected yet' : `${resolved} of ${items} resolved`}
            {queue.jobId ? ', being filled' : ''}
          </span>
        </div>
        <p className={styles.facts}>
          <span>
            <strong>{openForMe}</strong> open for you
          </span>
          <span>
            <strong>{mine}</strong> answered by you
          </span>
          {queue.leased > 0 ? (
            <span>
              <strong>{queue.leased}</strong> in hands now
            </span>
          ) : null}
          {queue.refilledAt ? (
            <span>
              filled <RelativeTime at={queue.refilledAt} now={now} />
            </span>
          ) : null}
          {queue.assignedToMe > 0 ? (
            <span>
              <strong>{queue.assignedToMe}</strong> assigned to you
            </span>
          ) : null}
          {mayManage && queue.disputed > 0 ? (
            <span>
              <strong>{queue.disputed}</strong> to adjudicate
            </span>
          ) : null}
          {mayManage && queue.parked > 0 ? (
            <Link href={`${href}/manage?list=parked`} prefetch={false}>
              {queue.parked} {queue.parked === 1 ? 'question waits' : 'questions wait'} for you
            </Link>
          ) : null}
          {mayManage && queue.flagged > 0 ? (
            <button
              type="button"
              className={styles.more}
              aria-expanded={flagged}
              onClick={() => setFlagged(!flagged)}
            >
              {queue.flagged} flagged for you
            </button>
          ) : null}
        </p>
        {queue.closedToMe ? <p className={styles.rule}>{queue.closedToMe}</p> : null}
        {mayManage ? (
          <p className={styles.facts}>
            <Link href={`${href}/manage`} prefetch={false} aria-label={`Items and rules of ${name}`}>
              Items and rules
            </Link>
          </p>
        ) : null}
        {flagged ? <FlaggedItems project={project} queueId={id} now={now} /> : null}
        {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      </div>
      <div className={styles.acts}>
        {queue.closedToMe ? (
          <Button disabledReason={queue.closedToMe} aria-label={`Review ${name}`}>
            Review
          </Button>
        ) : (
          <ButtonLink
            href={href}
            prefetch={false}
            kind={primary ? 'primary' : 'secondary'}
            aria-label={`Review ${name}`}
          >
            Review
          </ButtonLink>
        )}
        {mayManage ? (
          <>
            {state === 'open' ? (
              <Button
                size="small"
                kind="quiet"
                icon={<Pause />}
                busy={busy === 'paused'}
                aria-label={`Pause ${name}`}
                onClick={() => void change('paused', `“${name}” is paused. Nobody gets new items from it.`)}
              >
                Pause
              </Button>
            ) : (
              <Button
                size="small"
                kind="quiet"
                icon={<Play />}
                busy={busy === 'open'}
                aria-label={`${state === 'paused' ? 'Resume' : 'Open'} ${name}${state === 'closed' ? ' again' : ''}`}
                onClick={() => void change('open', `“${name}” is open again.`)}
              >
                {state === 'paused' ? 'Resume' : 'Open again'}
              </Button>
            )}
            {state === 'closed' ? null : (
              <>
                <Button
                  size="small"
                  kind="quiet"
                  icon={<RefreshCw />}
                  busy={busy === 'refill'}
                  aria-label={`Fill ${name} again`}
                  onClick={() => void refill()}
                >
                  Fill again
                </Button>
                <Button
                  size="small"
                  kind="quiet"
                  icon={<X />}
                  busy={busy === 'closed'}
                  aria-label={`Close ${name}`}
                  onClick={() => void change('closed', `“${name}” is closed. What was answered counts.`)}
                >
                  Close
                </Button>
              </>
            )}
          </>
        ) : null}
      </div>
    </li>
  )
}
