'use client'
import { Check, CircleAlert, Flag, History, Redo2, SkipForward, Undo2 } from 'lucide-react'
import Link from 'next/link'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'
import type { QueueView } from '@/contract/v1/review'
import type { Outbox } from '@/sdk/outbox'
import { ConnectionWords } from '../inbox/connection-words'
import type { OutboxOwner } from '../inbox/person-outbox'
import { AccountMenu } from '../shell/account-menu'
import type { ShellFacts } from '../shell/shell-facts'
import { IconButton } from '../ui/icon-button'
import { Logo } from '../ui/logo'
import { type LaneKey, StatusLane } from '../ui/status-lane'
import { useToast } from '../ui/toast'
import { useKeys, useTyping } from '../ui/use-keys'
import { candidatesOf, firstOpen, judge, moveTo, rewrite, toggleReason, whyNotYet } from './answering'
import { Decision } from './decision'
import type { DeskNotice, Past } from './desk-types'
import { Evidence, viewerOf } from './evidence'
import { LeaseRing } from './lease-ring'
import { Nothing } from './nothing'
import { Progress } from './progress'
import { Rail } from './rail'
import { type Opened, useOutboxStateOf, useReviewKit } from './review-kit'
import { useDeskLife, useLease, usePast, useQueueView } from './use-desk-life'
import styles from './workbench.module.css'

interface Props {
  owner: OutboxOwner
  facts: ShellFacts
  taskType: string
  queue: QueueView
  opened: Opened
  /** Items that were drawn by the server, by assignment. */
  views: Record<string, ReactNode>
}

/** Where an annotator works: the evidence, their verdict, and what they did before. */
export function Workbench({ owner, facts, taskType, queue: initial, opened, views }: Props) {
  const kit = useReviewKit(owner, initial.id, opened)
  const { desk, outbox } = kit
  const { takeOver } = useDeskLife(kit, `amend.review.${owner.userId}.${initial.id}`)
  useEffect(() => void viewerOf(taskType), [taskType])
  const left = useLease(kit)
  const list = usePast(kit)
  const queue = useQueueView(kit, initial)
  const toast = useToast()
  const typing = useTyping()
  const [railOpen, setRailOpen] = useState(false)
  const [asking, setAsking] = useState<'skipped' | 'flagged' | null>(null)
  const [nudge, setNudge] = useState<string | null>(null)
  /** The row of the rail that `[` and `]` have gone to. */
  const [pastId, setPastId] = useState<string | null>(null)
  const title = useRef<HTMLHeadingElement>(null)
  const column = useRef<HTMLElement>(null)

  const hand = desk.current()
  const past = desk.past()
  const elsewhere = desk.isElsewhere()
  const candidates = hand ? candidatesOf(hand.item) : []
  const works = hand !== null && hand.lost === null && !elsewhere
  const id = hand?.item.assignmentId ?? null

  // A new item: what was asked about the one before is over, and keys start at its title.
  const before = useRef(id)
  useEffect(() => {
    if (before.current === id) return
    before.current = id
    setAsking(null)
    setNudge(null)
    const focused = document.activeElement
    if (focused === document.body || column.current?.contains(focused))
      title.current?.focus({ preventScroll: true })
  }, [id])

  const focusText = () =>
    requestAnimationFrame(() => {
      const field = column.current?.querySelector<HTMLTextAreaElement>('textarea[data-own]')
      field?.focus()
      field?.setSelectionRange(field.value.length, field.value.length)
    })
  const told = (entry: Past | null, text: string, icon: ReactNode) => {
    if (!entry) return
    setPastId(null)
    toast.show({ icon, text, actionLabel: 'Undo', keyHint: 'z', onAction: () => undo(entry) })
  }
  const undo = (entry: Past) => {
    const now = desk.past().find(other => other.eventId === entry.eventId)
    if (!now || !desk.canUndo(now)) return
    desk.undo(now)
    toast.show({
      icon: <Undo2 />,
      text:
        now.type === 'submitted' ? 'Undone. The item and your answer are back.' : 'Undone. The item is back.',
      actionLabel: 'Redo',
      keyHint: 'shift+z',
      onAction: () => redo(now),
    })
  }
  const redo = (entry: Past) => {
    const now = desk.past().find(other => other.eventId === entry.eventId)
    if (!now || !desk.canRedo(now)) return
    desk.redo(now)
    told(now, 'Done again.', <Redo2 />)
  }
  const goToOpen = () =>
    desk.change(work => {
      const place = firstOpen(work, candidates)
      return place === null ? work : moveTo(work, candidates, place)
    })
  const save = () => {
    if (!hand || !works) return
    const why = whyNotYet(hand.work, candidates)
    setNudge(why)
    if (why) return goToOpen()
    told(desk.submit(), 'Answer saved.', <Check />)
  }
  const accept = () => {
    if (!works || candidates.length === 0) return
    const entry = desk.acceptAsIs()
    told(entry, 'Accepted as it is.', <Check />)
    if (entry) return
    const now = desk.current()
    setNudge(now && whyNotYet(now.work, candidates))
    goToOpen()
  }
  const pass = (type: 'skipped' | 'flagged', reason?: string) => {
    if (type === 'skipped') told(desk.pass(type, reason), 'Skipped.', <SkipForward />)
    else told(desk.pass(type, reason), 'Flagged for a curator.', <Flag />)
  }
  const give = (verdict: 'good' | 'usable' | 'wrong', place?: number) => {
    setNudge(null)
    desk.change(work => judge(work, candidates, place ?? work.at, verdict))
  }
  const edit = () => {
    setNudge(null)
    desk.change(work => rewrite(work, candidates))
    if ((desk.current()?.work.texts.length ?? 0) > 0 || candidates.length === 0) focusText()
  }
  const walk = (step: 1 | -1) => {
    const at = past.findIndex(entry => entry.eventId === pastId)
    const next = at === -1 ? (step === 1 ? 0 : -1) : at + step
    const entry = past[next]
    setPastId(entry?.eventId ?? null)
    // What the notice would take back is no longer what `Z` means.
    toast.hide()
    if (!entry) title.current?.focus({ preventScroll: true })
    else {
      setRailOpen(true)
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-past="${entry.eventId}"] button`)?.focus(),
      )
    }
  }
  const latest = past.find(entry => entry.eventId === pastId && desk.canUndo(entry)) ?? desk.latest()

  const judges = works && candidates.length > 0
  const codes = desk.specification().reasons.map(reason => reason.code)
  const reasonsOn = judges && hand !== null && asking === null
  useKeys('Workbench', [
    { chord: 'a', label: 'good', enabled: judges, run: () => give('good') },
    { chord: 'u', label: 'usable', enabled: judges, run: () => give('usable') },
    { chord: 'x', label: 'wrong', enabled: judges, run: () => give('wrong') },
    ...codes.map((reason, at) => ({
      chord: String(at + 1),
      label: `reason ${at + 1}`,
      enabled: reasonsOn,
      run: () => desk.change(work => toggleReason(work, candidates, work.at, reason, codes)),
    })),
    {
      chord: ['j', 'arrowdown'],
      label: 'next suggestion',
      enabled: judges,
      run: () => desk.change(work => moveTo(work, candidates, work.at + 1)),
    },
    {
      chord: ['k', 'arrowup'],
      label: 'suggestion before',
      enabled: judges,
      run: () => desk.change(work => moveTo(work, candidates, work.at - 1)),
    },
    { chord: 'e', label: 'edit', enabled: works, run: edit },
    { chord: 'mod+enter', label: 'save and next', enabled: works, run: save },
    { chord: 'shift+mod+enter', label: 'accept as is', enabled: judges, run: accept },
    { chord: 's', label: 'skip', enabled: works, run: () => pass('skipped') },
    { chord: 'shift+s', label: 'skip, with a reason', enabled: works, run: () => setAsking('skipped') },
    { chord: 'f', label: 'flag', enabled: works, run: () => pass('flagged') },
    { chord: 'shift+f', label: 'flag, with a reason', enabled: works, run: () => setAsking('flagged') },
    { chord: 'z', label: 'undo', enabled: !elsewhere, run: () => latest && undo(latest) },
    {
      chord: 'shift+z',
      label: 'redo',
      enabled: !elsewhere,
      run: () => {
        const entry = desk.latestUndone()
        if (entry) redo(entry)
      },
    },
    { chord: '[', label: 'earlier in my past', repeat: true, run: () => walk(1) },
    { chord: ']', label: 'later in my past', repeat: true, run: () => walk(-1) },
    {
      chord: 'escape',
      label: 'leave field or panel',
      enabled: typing || asking !== null || railOpen || pastId !== null,
      run: ({ target }) => {
        if (target instanceof HTMLElement && target.matches('input, textarea, select')) target.blur()
        else if (asking) setAsking(null)
        else {
          setRailOpen(false)
          setPastId(null)
          title.current?.focus({ preventScroll: true })
        }
      },
    },
  ])

  const onNotice = useEffectEvent((notice: DeskNotice) => {
    if (notice.kind === 'refused')
      toast.show({ icon: <CircleAlert />, text: `That was not taken. ${notice.detail}` })
    else if (notice.kind === 'not-back')
      toast.show({ icon: <CircleAlert />, text: `Undone. ${notice.detail}` })
    else if (notice.kind === 'rested')
      toast.show({ icon: <Undo2 />, text: `Undone. ${notice.sentences.join(' ')}`, durationMs: 12_000 })
  })
  useEffect(() => desk.onNotice(notice => onNotice(notice)), [desk])

  const rail = (
    <Rail
      desk={desk}
      past={past}
      selected={pastId}
      latest={latest?.eventId ?? null}
      list={list}
      onUndo={undo}
      onRedo={redo}
    />
  )
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
          <Link href={`/p/${facts.project.slug}/queues`} prefetch={false} className={styles.project}>
            {facts.project.name}
          </Link>
          <span aria-hidden> / </span>
          <strong>{queue.name}</strong>
        </p>
        <Progress queue={queue} past={past} />
        <div className={styles.right}>
          <LeaseRing left={left} />
          <span className={styles.fold}>
            <IconButton
              label={railOpen ? 'Close what I did' : 'What I did'}
              icon={<History />}
              aria-expanded={railOpen}
              aria-controls="rail"
              onClick={() => setRailOpen(!railOpen)}
            />
          </span>
          <AccountMenu facts={facts} groups={['Review', 'Study', 'Use', 'Project']} />
        </div>
      </header>
      <main id="content" tabIndex={-1} className={styles.main}>
        <div className={styles.columns}>
          {hand ? (
            <>
              <Evidence
                key={hand.item.assignmentId}
                item={hand.item}
                view={views[hand.item.assignmentId]}
                taskType={taskType}
                mediaBase={`/api/v1/projects/${owner.slug}/media`}
                instructions={queue.instructions}
                ahead={desk.hands()[1]?.item ?? null}
                title={title}
              />
              <Decision
                hand={hand}
                candidates={candidates}
                specification={desk.specification()}
                elsewhere={elsewhere}
                asking={asking}
                nudge={nudge}
                left={left}
                column={column}
                acts={{
                  give,
                  edit,
                  save,
                  accept,
                  pass,
                  ask: setAsking,
                  change: desk.change,
                  next: desk.leaveLost,
                  here: takeOver,
                }}
              />
            </>
          ) : (
            <Nothing
              queue={queue}
              project={facts.project.slug}
              fetching={desk.fetching()}
              outbox={outbox}
              elsewhere={elsewhere}
              title={title}
              onAgain={() => void desk.claim()}
              onHere={takeOver}
            />
          )}
          <aside id="rail" className={styles.rail} data-open={railOpen || undefined} aria-label="What I did">
            {rail}
          </aside>
        </div>
        <StatusLane
          keys={laneKeys(judges, works, candidates.length > 1)}
          state={<Connection outbox={outbox} />}
        />
      </main>
    </>
  )
}

/** Apart, so that what comes and goes in the outbox draws nothing else again. */
function Connection({ outbox }: { outbox: Outbox }) {
  return <ConnectionWords state={useOutboxStateOf(outbox)} />
}

function laneKeys(judges: boolean, works: boolean, several: boolean): LaneKey[] {
  if (!works) return [{ chords: 'z', label: 'undo' }]
  return [
    { chords: 'mod+enter', label: 'save and next' },
    ...(judges
      ? [
          { chords: 'shift+mod+enter', label: 'accept as is' },
          { chords: 'a', label: 'good' },
          { chords: 'u', label: 'usable' },
          { chords: 'x', label: 'wrong' },
          ...(several ? [{ chords: ['j', 'k'], label: 'move' }] : []),
        ]
      : []),
    { chords: 'e', label: 'edit' },
    { chords: 's', label: 'skip' },
    { chords: 'f', label: 'flag' },
    { chords: 'z', label: 'undo' },
    { chords: ['[', ']'], label: 'my past' },
  ]
}
