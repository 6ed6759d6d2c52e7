'use client'
import { Check, CornerUpLeft, Undo2, UserRoundCheck } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { HeldAdjudication, SettledEntry } from '@/contract/v1/adjudication'
import type { OutboxOwner } from '../inbox/person-outbox'
import { AccountMenu } from '../shell/account-menu'
import type { ShellFacts } from '../shell/shell-facts'
import { Button } from '../ui/button'
import { Editor } from '../ui/editor'
import { EmptyState } from '../ui/empty-state'
import { ErrorNote } from '../ui/error-note'
import { Logo } from '../ui/logo'
import { Skeleton } from '../ui/skeleton'
import { StatusLane } from '../ui/status-lane'
import { useToast } from '../ui/toast'
import { useKeys, useTyping } from '../ui/use-keys'
import { WordDiff } from '../ui/word-diff'
import { viewerOf } from '../workbench/evidence'
import { LeaseRing } from '../workbench/lease-ring'
import styles from './adjudicate.module.css'
import { AnswerCard } from './answer-card'
import { differencesOf } from './differences'
import { MakePrecedent } from './make-precedent'
import { SettledList } from './settled-list'
import { edit, isBegun, pick, pickedText, toggleSeveral, whyNotYet } from './settling'
import { type Hand, type Unsent, useAdjudication } from './use-adjudication'

interface Props {
  owner: OutboxOwner
  facts: ShellFacts
  taskType: string
  mayMakePrecedents: boolean
}

/** Where somebody who answered none of them settles what others disagree on. */
export function Adjudicate({ owner, facts, taskType, mayMakePrecedents }: Props) {
  const toast = useToast()
  const typing = useTyping()
  const [nudge, setNudge] = useState<string | null>(null)
  const [selected, setSelected] = useState<string | null>(null)
  const [latest, setLatest] = useState<{ entryId: string; title: string } | null>(null)
  const titleRef = useRef<HTMLHeadingElement>(null)
  const desk = useAdjudication(owner, {
    onStored(event, answer) {
      const title = titles.current.get(event.entryId) ?? ''
      if (event.type === 'adjudicated') setLatest({ entryId: event.entryId, title })
      if (event.type === 'undone') {
        setLatest(now => (now?.entryId === event.entryId ? null : now))
        const rested = answer.restedOnIt?.slice(1) ?? []
        toast.show({
          icon: <Undo2 />,
          text: ['Undone.', ...(answer.held ? ['The item and your decision are back.'] : rested)].join(' '),
          durationMs: 12_000,
        })
      }
    },
  })
  const { hand, fetching, settled } = desk
  const titles = useRef(new Map<string, string>())
  if (hand) titles.current.set(hand.item.entryId, hand.item.title)
  const works = hand !== null && !hand.lost
  const answers = hand?.item.answers ?? []
  const media = desk.ahead?.media?.id
  useEffect(() => void viewerOf(taskType), [taskType])
  useEffect(() => {
    if (media) new Image().src = `/api/v1/projects/${owner.slug}/media/${media}`
  }, [media, owner.slug])

  const entryId = hand?.item.entryId ?? null
  const before = useRef(entryId)
  useEffect(() => {
    if (before.current === entryId) return
    before.current = entryId
    setNudge(null)
    titleRef.current?.focus({ preventScroll: true })
  }, [entryId])

  const focusField = (name: 'final' | 'note') =>
    requestAnimationFrame(() => {
      const field = document.querySelector<HTMLTextAreaElement>(`textarea[data-field="${name}"]`)
      field?.focus()
      field?.setSelectionRange(field.value.length, field.value.length)
    })
  const choose = (at: number) => {
    setNudge(null)
    desk.change(now => pick(now, answers, at))
  }
  const rewrite = () => {
    setNudge(null)
    desk.change(now => edit(now, answers))
    focusField('final')
  }
  const sendBack = () => {
    setNudge(null)
    desk.change(now => ({ ...now, returning: !now.returning }))
    if (!hand?.settling.returning) focusField('note')
  }
  const settle = () => {
    if (!hand || !works) return
    const why = whyNotYet(hand.settling, answers)
    setNudge(why)
    if (why) return
    const back = hand.settling.returning
    desk.settle(hand)
    setSelected(null)
    toast.show(
      back
        ? { icon: <CornerUpLeft />, text: 'Sent back with your note.' }
        : { icon: <Check />, text: 'Settled. Every answer is kept.' },
    )
  }
  const undo = (entry: SettledEntry) => {
    desk.reverse(entry, 'undone')
  }
  const latestActive =
    settled.find(entry => entry.eventId === selected && canUndo(entry)) ?? settled.find(canUndo)
  const latestUndone = settled.find(entry => entry.standing === 'undone' && entry.undoEventId)
  const walk = (step: 1 | -1) => {
    const at = settled.findIndex(entry => entry.eventId === selected)
    const entry = settled[at === -1 ? (step === 1 ? 0 : -1) : at + step]
    setSelected(entry?.eventId ?? null)
    if (!entry) titleRef.current?.focus()
    else
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-settled="${entry.eventId}"] button`)?.focus(),
      )
  }

  useKeys('Adjudicate', [
    ...answers.map((answer, at) => ({
      chord: String(at + 1),
      label: `pick ${answer.label}`,
      enabled: works,
      run: () => choose(at),
    })),
    { chord: 'e', label: 'edit the pick', enabled: works, run: rewrite },
    { chord: 'b', label: 'accept several', enabled: works, run: () => desk.change(toggleSeveral) },
    { chord: 'q', label: 'send back with a note', enabled: works, run: sendBack },
    { chord: 'mod+enter', label: 'settle and next', enabled: works, run: settle },
    {
      chord: 'z',
      label: 'undo',
      enabled: latestActive !== undefined,
      run: () => latestActive && undo(latestActive),
    },
    {
      chord: 'shift+z',
      label: 'redo',
      enabled: latestUndone !== undefined,
      run: () => latestUndone && desk.reverse(latestUndone, 'redone'),
    },
    { chord: '[', label: 'earlier in what I settled', repeat: true, run: () => walk(1) },
    { chord: ']', label: 'later in what I settled', repeat: true, run: () => walk(-1) },
    {
      chord: 'escape',
      label: 'leave field or panel',
      enabled: typing || selected !== null,
      run: ({ target }) => {
        if (target instanceof HTMLElement && target.matches('input, textarea, select')) target.blur()
        else {
          setSelected(null)
          titleRef.current?.focus({ preventScroll: true })
        }
      },
    },
  ])

  return (
    <>
      <header className={styles.bar}>
        <Link
          href={`/p/${facts.project.slug}/queues`}
          prefetch={false}
          className={styles.home}
          aria-label="Amend, review queues"
        >
          <Logo />
        </Link>
        <p className={styles.crumb}>
          <span>{facts.project.name} / </span>
          <strong>Adjudicate</strong>
        </p>
        {desk.waiting ? (
          <p className={styles.wait}>
            <strong>{desk.waiting}</strong> {desk.waiting === 1 ? 'waits' : 'wait'}
            <span> for an adjudicator</span>
          </p>
        ) : null}
        <div className={styles.right}>
          <LeaseRing left={desk.left} />
          <AccountMenu facts={facts} groups={['Review', 'Study', 'Use', 'Project']} />
        </div>
      </header>
      <main id="content" tabIndex={-1} className={styles.main}>
        <div className={styles.page}>
          {desk.unsent
            .filter(one => one.state !== 'sending')
            .map(one => (
              <NotSent key={one.event.id} one={one} onRetry={desk.retry} onDismiss={desk.dismiss} />
            ))}
          {hand ? (
            <Item
              hand={hand}
              taskType={taskType}
              mediaBase={`/api/v1/projects/${owner.slug}/media`}
              titleRef={titleRef}
            >
              {hand.lost ? (
                <ErrorNote
                  title="Someone else has this item now. Your draft is kept."
                  retryLabel="Next item"
                  onRetry={desk.leaveLost}
                />
              ) : null}
            </Item>
          ) : (
            <section className={styles.nothing} aria-labelledby="item-title">
              <h1 id="item-title" ref={titleRef} tabIndex={-1} className="visually-hidden">
                Adjudicate
              </h1>
              {fetching.state === 'failed' ? (
                <ErrorNote
                  title="The next item did not arrive. What you settled is safe."
                  code={fetching.code}
                  onRetry={() => void desk.claim()}
                >
                  {fetching.detail}
                </ErrorNote>
              ) : fetching.state === 'none' ? (
                <EmptyState
                  title="Nothing waits for you here."
                  action={<Button onClick={() => void desk.claim()}>Look again</Button>}
                >
                  Items come here when their annotators agree too little for their queue, or when a curator
                  asks. You never get one that you answered.{' '}
                  <Link href={`/p/${facts.project.slug}/queues`} prefetch={false}>
                    Review queues
                  </Link>
                </EmptyState>
              ) : (
                <Skeleton lines={['40%', '100%', '100%', '70%']} lineHeight="1.75rem" />
              )}
            </section>
          )}
          {hand ? (
            <Decide
              hand={hand}
              nudge={nudge}
              onPick={choose}
              onChange={desk.change}
              onEdit={rewrite}
              onBack={sendBack}
              onSettle={settle}
            />
          ) : null}
          {latest && mayMakePrecedents ? (
            <MakePrecedent key={latest.entryId} project={owner.slug} {...latest} />
          ) : null}
          <section className={styles.past} aria-labelledby="past-title">
            <h2 id="past-title">What I settled</h2>
            <SettledList
              entries={settled}
              selected={selected}
              older={desk.older !== null}
              onUndo={undo}
              onRedo={entry => desk.reverse(entry, 'redone')}
              onOlder={desk.loadOlder}
            />
          </section>
        </div>
        <StatusLane
          keys={[
            { chords: 'mod+enter', label: 'settle and next' },
            ...(answers.length > 0
              ? [{ chords: answers.map((_, at) => String(at + 1)), label: 'pick' }]
              : []),
            { chords: 'e', label: 'edit the pick' },
            { chords: 'b', label: 'accept several' },
            { chords: 'q', label: 'send back with a note' },
            { chords: 'z', label: 'undo' },
            { chords: ['[', ']'], label: 'what I settled' },
          ]}
          state={laneWords(desk.unsent)}
        />
      </main>
    </>
  )
}

const canUndo = (entry: SettledEntry) => entry.standing === 'active'

function laneWords(unsent: readonly Unsent[]): string {
  const waiting = unsent.filter(one => one.state === 'waiting').length
  if (waiting > 0)
    return waiting === 1 ? '1 decision waits on this device' : `${waiting} decisions wait on this device`
  return unsent.some(one => one.state === 'sending') ? 'Saving' : 'Everything is saved'
}

interface NotSentProps {
  one: Unsent
  onRetry: (one: Unsent) => void
  onDismiss: (one: Unsent) => void
}

/** A decision that is not stored is never dropped in silence. */
function NotSent({ one, onRetry, onDismiss }: NotSentProps) {
  const waits = one.state === 'waiting'
  return (
    <ErrorNote
      title={`${one.title || 'An item'}: ${waits ? 'that didn’t save. Your decision is safe here.' : 'that was not taken.'}`}
      retryLabel={waits ? 'Try again' : 'I have read it'}
      onRetry={() => (waits ? onRetry(one) : onDismiss(one))}
    >
      {one.detail}
      {one.words ? (
        <p className={styles.text} dir="auto">
          {one.words}
        </p>
      ) : null}
    </ErrorNote>
  )
}

interface ItemProps {
  hand: Hand
  taskType: string
  mediaBase: string
  titleRef: React.RefObject<HTMLHeadingElement | null>
  children: ReactNode
}

function Item({ hand: { item }, taskType, mediaBase, titleRef, children }: ItemProps) {
  return (
    <div className={styles.item}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long evidence scrolls in its place, also from the keyboard. */}
      <section className={styles.evidence} aria-label="The item" tabIndex={0}>
        <Suspense fallback={<Skeleton lines={['100%', '90%', '60%']} />}>
          <Drawn item={item} taskType={taskType} mediaBase={mediaBase} />
        </Suspense>
      </section>
      <section className={styles.about} aria-labelledby="item-title">
        <p className={styles.quiet}>
          {item.reason === 'requested'
            ? 'A curator asked for it'
            : `Sent here because ${item.answers.length} people disagree`}{' '}
          · {item.queue.name} · <code>{item.itemId.slice(-6)}</code>
        </p>
        <h1 id="item-title" ref={titleRef} tabIndex={-1} dir="auto">
          {item.title}
        </h1>
        {item.queue.instructions.trim() ? (
          <p className={styles.instructions}>{item.queue.instructions.trim()}</p>
        ) : null}
        <p className={styles.hidden}>
          <UserRoundCheck aria-hidden />
          <span>
            You answered none of these. Names stay hidden, and the model’s suggestion too.{' '}
            {item.answers.length === 1
              ? 'The answer is kept.'
              : item.answers.length === 2
                ? 'Both answers are kept.'
                : `All ${item.answers.length} answers are kept.`}
          </span>
        </p>
        {children}
      </section>
    </div>
  )
}

function Drawn({
  item,
  taskType,
  mediaBase,
}: {
  item: HeldAdjudication
  taskType: string
  mediaBase: string
}) {
  const Viewer = viewerOf(taskType)
  return <Viewer payload={item.payload} mediaBase={mediaBase} />
}

interface DecideProps {
  hand: Hand
  nudge: string | null
  onPick: (at: number) => void
  onChange: ReturnType<typeof useAdjudication>['change']
  onEdit: () => void
  onBack: () => void
  onSettle: () => void
}

function Decide({ hand, nudge, onPick, onChange, onEdit, onBack, onSettle }: DecideProps) {
  const { item, settling, lost } = hand
  const { answers } = item
  const picked = answers.filter(answer => settling.picks.includes(answer.ref))
  const differences = differencesOf(answers)
  const from = pickedText(answers, settling)
  const stopped = lost ? 'Someone else has this item now.' : null
  return (
    <>
      <ul className={styles.cards} aria-label="Answers">
        {answers.map((answer, at) => (
          <AnswerCard
            key={answer.ref}
            answer={answer}
            at={at}
            picked={settling.picks.includes(answer.ref)}
            difference={differences[at] ?? { texts: [], stand: false }}
            stopped={lost}
            onPick={() => onPick(at)}
          />
        ))}
      </ul>
      <div className={styles.decide}>
        <div className={styles.final}>
          {settling.returning ? (
            <Editor
              label="Note to the annotators"
              data-field="note"
              size="list"
              rows={2}
              value={settling.note}
              maxLength={4000}
              readOnly={lost}
              onChange={event => onChange(now => ({ ...now, note: event.target.value }))}
            />
          ) : settling.text !== null ? (
            <>
              <Editor
                label={`Final answer${picked.length > 0 ? `, from ${picked.map(one => one.label).join(' and ')}` : ''}`}
                note={draftWords(hand)}
                data-field="final"
                size="reading"
                rows={2}
                value={settling.text}
                maxLength={20_000}
                readOnly={lost}
                onChange={event => onChange(now => ({ ...now, text: event.target.value }))}
              />
              <p className={styles.diff}>
                {from !== null && settling.text.trim() !== '' && settling.text.trim() !== from.trim() ? (
                  <WordDiff before={from} after={settling.text} />
                ) : null}
              </p>
            </>
          ) : (
            <p className={styles.quiet}>{finalWords(picked)}</p>
          )}
          <p className={styles.nudge} role="status">
            {nudge}
          </p>
        </div>
        <div className={styles.acts}>
          <Button
            kind="primary"
            keyHint="mod+enter"
            disabledReason={stopped ?? whyNotYet(settling, answers)}
            onClick={onSettle}
          >
            {settling.returning ? 'Send back and next' : 'Settle and next'}
          </Button>
          <Button keyHint="e" disabledReason={stopped} onClick={onEdit}>
            {picked.length > 0 ? 'Edit the pick' : 'Write the answer'}
          </Button>
          <Button
            keyHint="b"
            aria-pressed={settling.several}
            disabledReason={stopped}
            onClick={() => onChange(toggleSeveral)}
          >
            Accept several
          </Button>
          <Button keyHint="q" aria-pressed={settling.returning} disabledReason={stopped} onClick={onBack}>
            {settling.returning ? 'Don’t send back' : 'Send back'}
          </Button>
        </div>
      </div>
    </>
  )
}

function finalWords(picked: HeldAdjudication['answers']): string {
  if (picked.length === 0) return 'Pick the answer that should stand, or write it.'
  const names = picked.map(one => one.label).join(' and ')
  if (picked.every(one => one.stand === 'nothing'))
    return `Final answer: nothing acceptable, as ${names} has it.`
  return picked.length === 1 ? `Final answer: as ${names} has it.` : `Final answers: as ${names} have them.`
}

function draftWords({ draft, settling }: Hand): string {
  if (draft === 'none' || !isBegun(settling)) return ''
  if (draft === 'saved') return 'Draft saved'
  return draft === 'device' ? 'Draft kept on this device' : 'Saving the draft'
}
