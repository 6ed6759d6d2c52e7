'use client'
import { ChevronRight } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import styles from '@/components/review/forms.module.css'
import { scoreWords, strategyName } from '@/components/review/rule-words'
import { useChange } from '@/components/shell/use-change'
import { Button, ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { SelectField } from '@/components/ui/select-field'
import { TextArea } from '@/components/ui/text-area'
import { TextField } from '@/components/ui/text-field'
import { useToast } from '@/components/ui/toast'
import { useKeys } from '@/components/ui/use-keys'
import { passWords } from '@/components/workbench/pass-reasons'
import type {
  AssignAnswer,
  QueueActAnswer,
  QueueActsAnswer,
  QueueItem,
  QueueItemPage,
} from '@/contract/v1/queue-acts'
import type { QueueView } from '@/contract/v1/review'
import { percent } from '@/domain/percent'
import { createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import { ItemDetail } from './item-detail'
import { type QueueListName, queueLists } from './queue-lists'

const client = createClient()
const listNames: Record<QueueListName, string> = {
  open: 'Open',
  parked: 'Questions',
  disputed: 'Disputed',
  flagged: 'Flagged',
  resolved: 'Finished',
}
const methodWords = {
  majority: 'by majority',
  'dawid-skene': 'by Dawid–Skene',
  median: 'by the median',
  boxes: 'by matched boxes',
  adjudication: 'by an adjudicator',
}
const emptyWords: Record<QueueListName, string> = {
  open: 'Nothing is open.',
  parked: 'No question waits for you.',
  disputed: 'No item waits for an adjudicator.',
  flagged: 'Nobody has flagged an item.',
  resolved: 'Nothing is finished yet.',
}

interface Props {
  project: string
  taskType: string
  queue: QueueView
  list: QueueListName
  first: QueueItemPage
  workers: readonly { userId: string; name: string }[]
  now: string
}

const count = (n: number) => (n === 1 ? '1 item' : `${n} items`)

/** The items of a queue by how they stand, with what a curator may do to them, one or many at a time. */
export function ItemLists({ project, taskType, queue, list, first, workers, now }: Props) {
  const router = useRouter()
  const toast = useToast()
  const { run, tell, busy, refusal } = useChange(project)
  const [page, setPage] = useState(first)
  const [failed, setFailed] = useState(false)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [at, setAt] = useState(0)
  const [opened, setOpened] = useState<readonly string[]>([])
  const [userId, setUserId] = useState('')
  const [note, setNote] = useState('')
  const [refused, setRefused] = useState<QueueActAnswer[]>([])
  const path = `/projects/${project}/queues/${queue.id}`
  useEffect(() => {
    setPage(first)
    setChosen(old => old.filter(id => first.items.some(item => item.entryId === id)))
  }, [first])
  const current = Math.min(at, Math.max(0, page.items.length - 1))

  const toggle = (id: string) =>
    setChosen(old => (old.includes(id) ? old.filter(other => other !== id) : [...old, id]))
  const open = (id: string) =>
    setOpened(old => (old.includes(id) ? old.filter(other => other !== id) : [...old, id]))
  const move = (by: number) => {
    const next = Math.max(0, Math.min(page.items.length - 1, current + by))
    setAt(next)
    document.getElementById(`item-${page.items[next]?.entryId}`)?.focus()
  }
  useKeys('Items', [
    { chord: 'j', label: 'next item', run: () => move(1) },
    { chord: 'k', label: 'previous item', run: () => move(-1) },
    {
      chord: 'o',
      label: 'open or close the item',
      enabled: page.items.length > 0,
      run: () => {
        const id = page.items[current]?.entryId
        if (id) open(id)
      },
    },
  ])

  async function older() {
    try {
      const more = await client.request<QueueItemPage>(
        'GET',
        `${path}/items?list=${list}&cursor=${encodeURIComponent(page.nextCursor ?? '')}`,
      )
      setPage({ items: [...page.items, ...more.items], nextCursor: more.nextCursor })
      setFailed(false)
    } catch {
      setFailed(true)
    }
  }

  /** Acts on each, tells what was done, and offers one undo for all of it; of an undo, `undid` names the act that each takes back. */
  async function act(
    name: string,
    acts: object[],
    words: (done: number) => string,
    undid: readonly string[] | null = null,
  ): Promise<boolean> {
    const bulkId = acts.length > 1 ? newId() : undefined
    const sent = acts.map(one => ({ id: newId(), ...(bulkId ? { bulkId } : {}), ...one }))
    const answer = await run<QueueActsAnswer>(name, 'POST', `${path}/acts`, { acts: sent })
    if (!answer) return false
    const done = answer.acts.filter(one => one.status === 'stored')
    setRefused(answer.acts.filter(one => one.status === 'refused'))
    setChosen([])
    const rested = done.flatMap(one => one.restedOnIt ?? []).filter(words => words.startsWith('Version'))
    const text = [words(done.length), ...new Set(rested)].join(' ')
    const ids = done.map(one => one.id)
    // Of what was taken back, the acts that were: they can be taken back again once they are done again.
    const first = undid?.filter((_, at) => ids.includes(sent[at]?.id ?? '')) ?? null
    if (done.length > 0)
      toast.show(
        first
          ? {
              text,
              actionLabel: 'Redo',
              keyHint: 'shift+z',
              onAction: () => void redo(ids, first),
            }
          : { text, actionLabel: 'Undo', keyHint: 'z', onAction: () => void undo(ids) },
      )
    return done.length > 0
  }

  const undo = (ids: readonly string[]) =>
    act(
      'undo',
      ids.map(targetEventId => ({ type: 'undone', targetEventId })),
      n => `Undone for ${count(n)}.`,
      ids,
    )

  async function redo(undos: readonly string[], acts: readonly string[]) {
    const answer = await run<QueueActsAnswer>('redo', 'POST', `${path}/acts`, {
      acts: undos.map(targetEventId => ({ id: newId(), type: 'redone', targetEventId })),
    })
    if (!answer) return
    const again = acts.filter((_, at) => answer.acts[at]?.status === 'stored')
    setRefused(answer.acts.filter(one => one.status === 'refused'))
    if (again.length > 0)
      toast.show({
        text: `Done again for ${count(again.length)}.`,
        actionLabel: 'Undo',
        keyHint: 'z',
        onAction: () => void undo(again),
      })
  }

  async function assign() {
    const answer = await run<AssignAnswer>('assign', 'POST', `${path}/assign`, {
      entryIds: chosen,
      userId: userId || null,
    })
    if (!answer) return
    setRefused(
      answer.passedOver.map(one => ({ id: one.entryId, status: 'refused' as const, detail: one.detail })),
    )
    setChosen([])
    const whom = workers.find(person => person.userId === userId)?.name
    if (answer.actionId)
      tell(
        whom ? `${count(answer.assigned)} assigned to ${whom}.` : `${count(answer.assigned)} taken back.`,
        answer.actionId,
        'Undone. The assignments are as they were.',
      )
  }

  const none = chosen.length === 0 ? 'Choose items first.' : null
  return (
    <section className={styles.section} aria-labelledby="queue-items">
      <h2 id="queue-items">Items</h2>
      <nav aria-label="Items by how they stand" className={styles.lists}>
        {queueLists.map(name => (
          <ButtonLink
            key={name}
            size="small"
            kind={name === list ? 'secondary' : 'quiet'}
            aria-current={name === list ? 'page' : undefined}
            href={`/p/${project}/queues/${queue.id}/manage?list=${name}`}
            prefetch={false}
          >
            {listNames[name]}
            {name === 'parked' && queue.parked > 0 ? ` ${queue.parked}` : ''}
            {name === 'disputed' && queue.disputed > 0 ? ` ${queue.disputed}` : ''}
            {name === 'flagged' && queue.flagged > 0 ? ` ${queue.flagged}` : ''}
          </ButtonLink>
        ))}
      </nav>
      {page.items.length === 0 ? (
        <EmptyState title={emptyWords[list]}>What comes here stands at the top.</EmptyState>
      ) : (
        <>
          <div className={styles.acts}>
            {list === 'parked' ? null : (
              <Button
                size="small"
                kind="quiet"
                onClick={() =>
                  setChosen(chosen.length > 0 ? [] : page.items.slice(0, 100).map(item => item.entryId))
                }
              >
                {chosen.length > 0 ? `Choose none of ${chosen.length}` : 'Choose all shown'}
              </Button>
            )}
            {list === 'open' || list === 'flagged' ? (
              <>
                <SelectField
                  label="Assign to"
                  value={userId}
                  options={[
                    { value: '', label: 'Nobody: take back' },
                    ...workers.map(person => ({ value: person.userId, label: person.name })),
                  ]}
                  onChange={event => setUserId(event.target.value)}
                />
                <Button busy={busy === 'assign'} disabledReason={none} onClick={() => void assign()}>
                  {userId ? 'Assign' : 'Take back'}
                </Button>
              </>
            ) : null}
            {list === 'resolved' || list === 'disputed' ? (
              <>
                <TextField
                  label="Note for those who judge again"
                  value={note}
                  maxLength={4000}
                  onChange={event => setNote(event.target.value)}
                />
                <Button
                  busy={busy === 'return'}
                  disabledReason={none}
                  onClick={() =>
                    void act(
                      'return',
                      chosen.map(entryId => ({ type: 'returned', entryId, note })),
                      done => `${count(done)} sent back. The answers are kept as drafts of their authors.`,
                    ).then(done => done && setNote(''))
                  }
                >
                  Send back
                </Button>
              </>
            ) : null}
            {list === 'resolved' ? (
              <Button
                busy={busy === 'escalate'}
                disabledReason={none}
                onClick={() =>
                  void act(
                    'escalate',
                    chosen.map(entryId => ({ type: 'escalated', entryId })),
                    done => `${count(done)} went to adjudication.`,
                  )
                }
              >
                To adjudication
              </Button>
            ) : null}
          </div>
          {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
          {refused.length > 0 ? (
            <ErrorNote
              title={`${count(refused.length)} stayed as ${refused.length === 1 ? 'it was' : 'they were'}. ${[...new Set(refused.map(one => one.detail))].join(' ')}`}
            />
          ) : null}
          <ul className={styles.items} aria-label={`${listNames[list]} items`}>
            {page.items.map((item, index) => (
              <li key={item.entryId} className={styles.item} data-current={index === current}>
                {list === 'parked' ? (
                  <span />
                ) : (
                  <input
                    id={`item-${item.entryId}`}
                    type="checkbox"
                    aria-label={`Choose ${item.title || 'an item without a title'}`}
                    checked={chosen.includes(item.entryId)}
                    onFocus={() => setAt(index)}
                    onChange={() => toggle(item.entryId)}
                  />
                )}
                <div className={styles.what}>
                  <button
                    type="button"
                    className={styles.open}
                    aria-expanded={opened.includes(item.entryId)}
                    onClick={() => {
                      setAt(index)
                      open(item.entryId)
                    }}
                  >
                    <ChevronRight aria-hidden />
                    <strong dir="auto">{item.title || 'Without a title'}</strong>
                  </button>
                  <ItemFacts queue={queue} item={item} now={now} />
                  {opened.includes(item.entryId) ? (
                    <ItemDetail
                      project={project}
                      taskType={taskType}
                      queueId={queue.id}
                      entryId={item.entryId}
                      itemId={item.itemId}
                    />
                  ) : null}
                  {item.questions.map(question => (
                    <Reply
                      key={question.eventId}
                      busy={busy === question.eventId}
                      text={question.text}
                      by={question.by}
                      onReply={words =>
                        act(
                          question.eventId,
                          [
                            {
                              type: 'answered',
                              entryId: item.entryId,
                              targetEventId: question.eventId,
                              note: words,
                            },
                          ],
                          () => 'Replied. The item is open again, first for whoever asked.',
                        )
                      }
                    />
                  ))}
                </div>
              </li>
            ))}
          </ul>
          {failed ? <ErrorNote title="Older items did not load." onRetry={() => void older()} /> : null}
          {page.nextCursor ? (
            <div>
              <Button size="small" onClick={() => void older()}>
                Older
              </Button>
            </div>
          ) : null}
          <div>
            <Button size="small" kind="quiet" onClick={() => router.refresh()}>
              Look again
            </Button>
          </div>
        </>
      )}
    </section>
  )
}

function ItemFacts({ queue, item, now }: { queue: QueueView; item: QueueItem; now: string }) {
  const facts = [
    strategyName(item.strategy),
    scoreWords(queue.rule, item.score, item.part),
    `${item.answers} of ${item.overlap} answered`,
    item.method === null ? null : methodWords[item.method],
    item.posterior === null ? null : `posterior ${item.posterior.toFixed(2)}`,
    item.agreement === null ? null : `${percent(item.agreement, 0)} agreement`,
    item.heldBy.length > 0 ? `in the hands of ${item.heldBy.join(', ')}` : null,
    item.assignedTo.length > 0 ? `assigned to ${item.assignedTo.join(', ')}` : null,
  ].filter(Boolean)
  return (
    <>
      <span className={styles.quiet}>{facts.join(' · ')}</span>
      {item.flags.map(flag => (
        <span key={`${flag.by}${flag.at}`}>
          {flag.reason ? `${passWords(flag.reason)}. ` : ''}
          {flag.comment ? <q dir="auto">{flag.comment}</q> : null} <code>{flag.by}</code>{' '}
          <RelativeTime at={flag.at} now={now} />
        </span>
      ))}
    </>
  )
}

interface ReplyProps {
  text: string
  by: string
  busy: boolean
  onReply: (words: string) => Promise<boolean>
}

function Reply({ text, by, busy, onReply }: ReplyProps) {
  const [words, setWords] = useState('')
  return (
    <div className={styles.what}>
      <p>
        <q dir="auto">{text || 'The question was erased.'}</q> <code>{by}</code>
      </p>
      <TextArea
        label={`Reply to ${by}`}
        rows={2}
        maxLength={4000}
        value={words}
        onChange={event => setWords(event.target.value)}
      />
      <div>
        <Button
          size="small"
          busy={busy}
          disabledReason={words.trim() ? null : 'Write a reply first.'}
          onClick={() => void onReply(words.trim())}
        >
          Reply
        </Button>
      </div>
    </div>
  )
}
