'use client'
import {
  Check,
  CircleAlert,
  CircleHelp,
  EyeOff,
  Flag,
  History,
  Layers,
  Lock,
  Redo2,
  SkipForward,
  Undo2,
} from 'lucide-react'
import Link from 'next/link'
import {
  lazy,
  type ReactNode,
  type RefObject,
  Suspense,
  useCallback,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from 'react'
import { flushSync } from 'react-dom'
import type { QueueView } from '@/contract/v1/review'
import type { Outbox } from '@/sdk/outbox'
import { ConnectionWords } from '../inbox/connection-words'
import type { OutboxOwner } from '../inbox/person-outbox'
import { AccountMenu } from '../shell/account-menu'
import type { ShellFacts } from '../shell/shell-facts'
import { focusAtEnd } from '../ui/focus-at-end'
import { IconButton } from '../ui/icon-button'
import { Logo } from '../ui/logo'
import { type LaneKey, StatusLane } from '../ui/status-lane'
import { useToast } from '../ui/toast'
import { useKeys, useTyping } from '../ui/use-keys'
import {
  candidatesOf,
  firstOpen,
  judge,
  moveTo,
  ownTexts,
  rewrite,
  toggleReason,
  verdictList,
  whyNotYet,
} from './answering'
import { type Asking, Decision } from './decision'
import type { After, DeskNotice, Past } from './desk-types'
import { Evidence, viewerOf } from './evidence'
import { Filmstrip } from './filmstrip'
import { LeaseRing } from './lease-ring'
import { Nothing } from './nothing'
import { Progress } from './progress'
import { Rail } from './rail'
import { type Opened, useOutboxStateOf, useReviewKit } from './review-kit'
import { useBeside } from './use-beside'
import { useDeskLife, useLease, usePast, useQueueView } from './use-desk-life'
import styles from './workbench.module.css'

/** What is seldom needed is loaded when it is. */
const Compare = lazy(() => import('./compare'))
const PracticeFeedbackColumn = lazy(() => import('./practice-feedback'))
const Guide = lazy(() => import('./guide'))
const Beside = lazy(() => import('./beside'))
const Together = lazy(() => import('./together'))

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
  const { queue, readQueue } = useQueueView(kit, initial)
  const toast = useToast()
  const typing = useTyping()
  const [railOpen, setRailOpen] = useState(false)
  const [asking, setAsking] = useState<Asking>(null)
  const [guideOpen, setGuideOpen] = useState(false)
  const toggleGuide = useCallback(() => setGuideOpen(open => !open), [])
  const [togetherOpen, setTogetherOpen] = useState(false)
  const beside = useBeside(kit)
  const [nudge, setNudge] = useState<string | null>(null)
  /** The row of the rail that `[` and `]` have gone to. */
  const [pastId, setPastId] = useState<string | null>(null)
  const title = useRef<HTMLHeadingElement>(null)
  const column = useRef<HTMLElement>(null)

  const hand = desk.current()
  const past = desk.past()
  const elsewhere = desk.isElsewhere()
  const candidates = hand ? candidatesOf(hand.item) : []
  const after = desk.after()
  const works = hand !== null && hand.lost === null && !elsewhere && !after
  const seen = after?.item ?? hand?.item ?? null
  const ahead = desk.ahead()
  const id = after ? after.eventId : (hand?.item.assignmentId ?? null)

  // A new item: what was asked about the one before is over, and keys start at its title.
  const before = useRef(id)
  useEffect(() => {
    if (before.current === id) return
    before.current = id
    setAsking(null)
    setNudge(null)
    setTogetherOpen(false)
    // Evidence first: beside each other the columns scroll, in one column the page does.
    if (column.current) column.current.scrollTop = 0
    window.scrollTo(0, 0)
    const focused = document.activeElement
    if (focused === document.body || column.current?.contains(focused))
      title.current?.focus({ preventScroll: true })
  }, [id])

  const focusText = () => focusAtEnd(column.current, 'textarea[data-own]')
  const told = (entry: Past | null, text: string, icon: ReactNode) => {
    if (!entry) return
    setPastId(null)
    toast.show({ icon, text, actionLabel: 'Undo', keyHint: 'z', onAction: () => undo(entry) })
  }
  const undo = (entry: Past) => {
    const now = desk.past().find(other => other.eventId === entry.eventId)
    if (!now || !desk.canUndo(now)) return
    if (now.bulkId) return void withdraw(now.bulkId, 'undo')
    desk.undo(now)
    toast.show({
      icon: <Undo2 />,
      text: undoneWords(now),
      actionLabel: 'Redo',
      keyHint: 'shift+z',
      onAction: () => redo(now),
    })
  }
  const redo = (entry: Past) => {
    const now = desk.past().find(other => other.eventId === entry.eventId)
    if (!now || !desk.canRedo(now)) return
    if (now.bulkId) return void withdraw(now.bulkId, 'redo')
    desk.redo(now)
    told(now, 'Done again.', <Redo2 />)
  }
  /** All that was judged together goes one way or none of it does; the server says which. */
  const withdraw = async (bulkId: string, step: 'undo' | 'redo') => {
    try {
      const { changed, restedOnIt } = await kit.api.withdrawTogether(bulkId, step)
      list.retry()
      readQueue()
      await desk.claim()
      toast.show({
        icon: step === 'undo' ? <Undo2 /> : <Redo2 />,
        text:
          step === 'undo'
            ? `Undone for ${changed} items. ${restedOnIt.filter(words => !words.startsWith('The item was')).join(' ')}`
            : `Done again for ${changed} items.`,
        actionLabel: step === 'undo' ? 'Redo' : 'Undo',
        keyHint: step === 'undo' ? 'shift+z' : 'z',
        onAction: () => void withdraw(bulkId, step === 'undo' ? 'redo' : 'undo'),
      })
    } catch (error) {
      const { detail } = error as { detail?: string }
      toast.show({ icon: <CircleAlert />, text: `Nothing was changed. ${detail ?? 'Try again.'}` })
    }
  }
  const judgeAll = async (entryIds: string[], bulkId: string) => {
    const now = desk.current()
    if (!now) throw new Error('nothing is in hand')
    const answer = await kit.api.judgeTogether({
      bulkId,
      assignmentId: now.item.assignmentId,
      token: now.item.token,
      entryIds,
      verdicts: verdictList(now.work, candidates),
      texts: ownTexts(now.work, candidates).map(text => ({ text })),
      comment: now.work.comment.trim(),
      specificationVersion: desk.specification().version,
      activeMs: Math.round(now.activeMs),
    })
    setTogetherOpen(false)
    desk.judgedTogether(answer.taken.map(({ entryId }) => entryId))
    list.retry()
    readQueue()
    toast.show({
      icon: <Layers />,
      text: togetherWords(answer.taken.length, answer.left),
      actionLabel: 'Undo',
      keyHint: 'z',
      onAction: () => void withdraw(bulkId, 'undo'),
    })
    return answer
  }
  const together = works && beside && beside.nearDuplicates.length > 0 && !hand.item.blind ? beside : null
  const ask = (question: string) =>
    told(desk.ask(question), 'Asked. The item comes back with the reply.', <CircleHelp />)
  const compare = (preference: 'mine' | 'model' | 'both' | 'amended', text?: string) =>
    told(desk.compare(preference, text), 'Comparison saved. Your locked answer is as it was.', <EyeOff />)
  const openComparison = async (entry: Past) => {
    try {
      const comparison = await kit.api.comparison(entry.eventId)
      if (!comparison.revealed)
        return toast.show({ icon: <CircleAlert />, text: 'There is no suggestion to compare with.' })
      desk.openComparison(comparison)
    } catch {
      toast.show({
        icon: <CircleAlert />,
        text: 'The comparison did not arrive. Your locked answer is safe.',
      })
    }
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
    const entry = desk.submit()
    if (hand.item.practice) return
    if (hand.item.blind) told(entry, 'Answer locked.', <Lock />)
    else told(entry, 'Answer saved.', <Check />)
  }
  const accept = () => {
    if (!works || candidates.length === 0) return
    const entry = desk.acceptAsIs()
    if (!hand.item.practice) told(entry, 'Accepted as it is.', <Check />)
    if (entry) return
    const now = desk.current()
    setNudge(now && whyNotYet(now.work, candidates))
    goToOpen()
  }
  const pass = (type: 'skipped' | 'flagged', reason?: string) => {
    if (hand?.item.practice) return void desk.pass(type, reason)
    if (type === 'skipped') told(desk.pass(type, reason), 'Skipped.', <SkipForward />)
    else told(desk.pass(type, reason), 'Flagged for a curator.', <Flag />)
  }
  const give = (verdict: 'good' | 'usable' | 'wrong', place?: number) => {
    setNudge(null)
    desk.change(work => judge(work, candidates, place ?? work.at, verdict))
  }
  const edit = () => {
    // Drawn before the next key arrives: who types on at once loses no letter.
    flushSync(() => {
      setNudge(null)
      desk.change(work => rewrite(work, candidates))
    })
    if ((desk.current()?.work.texts.length ?? 0) > 0 || candidates.length === 0) focusText()
  }
  const goTo = useCallback(
    (entry: Past) => {
      setPastId(entry.eventId)
      // What the notice would take back is no longer what `Z` means.
      toast.hide()
      setRailOpen(true)
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>(`[data-past="${entry.eventId}"] button`)?.focus(),
      )
    },
    [toast],
  )
  const walk = (step: 1 | -1) => {
    const at = past.findIndex(entry => entry.eventId === pastId)
    const next = at === -1 ? (step === 1 ? 0 : -1) : at + step
    const entry = past[next]
    if (entry) return goTo(entry)
    setPastId(null)
    toast.hide()
    title.current?.focus({ preventScroll: true })
  }
  const mediaBase = `/api/v1/projects/${owner.slug}/media`
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
    { chord: 'mod+enter', label: 'save and next', enabled: works && asking !== 'asked', run: save },
    { chord: 'shift+mod+enter', label: 'accept as is', enabled: judges, run: accept },
    { chord: 's', label: 'skip', enabled: works, run: () => pass('skipped') },
    { chord: 'shift+s', label: 'skip, with a reason', enabled: works, run: () => setAsking('skipped') },
    { chord: 'f', label: 'flag', enabled: works, run: () => pass('flagged') },
    { chord: 'shift+f', label: 'flag, with a reason', enabled: works, run: () => setAsking('flagged') },
    {
      chord: 'q',
      label: 'ask a curator',
      enabled: works && hand.item.practice === null,
      run: () => setAsking('asked'),
    },
    { chord: 'g', label: 'guide', run: toggleGuide },
    { chord: 'd', label: 'more like this', enabled: together !== null, run: () => setTogetherOpen(true) },
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
      enabled: typing || asking !== null || railOpen || pastId !== null || guideOpen || togetherOpen,
      run: ({ target }) => {
        if (target instanceof HTMLElement && target.matches('input, textarea, select')) target.blur()
        else if (asking) setAsking(null)
        else if (togetherOpen) setTogetherOpen(false)
        else if (guideOpen) setGuideOpen(false)
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
      onCompare={entry => void openComparison(entry)}
      mediaBase={mediaBase}
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
          {seen ? (
            <>
              <div className={styles.left}>
                <Evidence
                  key={id}
                  item={seen}
                  view={views[seen.assignmentId]}
                  taskType={taskType}
                  mediaBase={mediaBase}
                  instructions={queue.instructions}
                  guide={Boolean(beside?.guideline.markdown)}
                  guideOpen={guideOpen}
                  onGuide={toggleGuide}
                  ahead={ahead}
                  title={title}
                />
                <div className={styles.beside}>
                  {queue.hasKnownAnswers ? (
                    <p className={styles.known}>
                      Some items here have a known answer; they measure how we all do.
                    </p>
                  ) : null}
                  <Suspense fallback={null}>
                    {guideOpen ? (
                      <Guide
                        instructions={queue.instructions}
                        guideline={beside?.guideline ?? null}
                        specification={desk.specification()}
                      />
                    ) : null}
                    {together && togetherOpen ? (
                      <Together
                        near={together.nearDuplicates}
                        mediaBase={mediaBase}
                        whyNot={hand ? whyNotYet(hand.work, candidates) : null}
                        judge={judgeAll}
                        onClose={() => setTogetherOpen(false)}
                      />
                    ) : null}
                    {beside && !after ? (
                      <Beside
                        context={beside}
                        words={desk.specification().words}
                        togetherOpen={togetherOpen}
                        onTogether={together ? () => setTogetherOpen(true) : null}
                      />
                    ) : null}
                  </Suspense>
                </div>
                <Filmstrip
                  past={past}
                  now={seen}
                  next={ahead}
                  selected={pastId}
                  mediaBase={mediaBase}
                  onGo={goTo}
                />
              </div>
              {after ? (
                <Suspense fallback={<section ref={column} className={styles.waiting} aria-label="Compare" />}>
                  <AfterColumn
                    key={after.eventId}
                    after={after}
                    outbox={outbox}
                    words={desk.specification().words}
                    column={column}
                    onCompare={compare}
                    onNext={desk.leaveAfter}
                  />
                </Suspense>
              ) : hand ? (
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
                    question: ask,
                    change: desk.change,
                    next: desk.leaveLost,
                    here: takeOver,
                  }}
                />
              ) : null}
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
          keys={
            after
              ? afterKeys(after)
              : laneKeys(judges, works, candidates.length > 1, hand?.item.blind ?? false)
          }
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

/** Apart, as the words beside the connection are: the outbox says whether the suggestion can come now. */
function AfterColumn({
  after,
  outbox,
  words,
  column,
  onCompare,
  onNext,
}: {
  after: After
  outbox: Outbox
  words: Record<string, string>
  column: RefObject<HTMLElement | null>
  onCompare: (preference: 'mine' | 'model' | 'both' | 'amended', text?: string) => void
  onNext: () => void
}) {
  const offline = useOutboxStateOf(outbox).status !== 'flowing'
  const common = { offline, column, onNext }
  if (after.kind === 'blind') return <Compare {...common} after={after} onCompare={onCompare} />
  return <PracticeFeedbackColumn {...common} after={after} words={words} />
}

const undoneWords = ({ type, blind }: Past) => {
  if (type === 'compared') return 'Undone. Your locked answer is as it was.'
  if (type !== 'submitted') return 'Undone. The item is back.'
  return blind
    ? 'Undone. The item and your answer are back; it is no longer blind.'
    : 'Undone. The item and your answer are back.'
}

function togetherWords(taken: number, left: readonly { why: string }[]): string {
  const words = `${taken} judged together.`
  if (left.length === 0) return words
  return `${words} ${left.length} left as ${left.length === 1 ? 'it is' : 'they are'}: ${[...new Set(left.map(({ why }) => why))].join(' ')}`
}

function afterKeys(after: After): LaneKey[] {
  const undo = { chords: 'z', label: 'undo' }
  if (after.kind === 'practice') return [{ chords: 'mod+enter', label: 'go on' }]
  if (!after.revealed) return [{ chords: 'mod+enter', label: 'next item' }, undo]
  return [
    { chords: 'mod+enter', label: 'keep mine' },
    { chords: 'm', label: 'model’s is better' },
    { chords: 'b', label: 'both fine' },
    { chords: 'e', label: 'amend mine' },
    undo,
  ]
}

function laneKeys(judges: boolean, works: boolean, several: boolean, blind: boolean): LaneKey[] {
  if (!works) return [{ chords: 'z', label: 'undo' }]
  return [
    { chords: 'mod+enter', label: blind ? 'lock' : 'save and next' },
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
    { chords: 'q', label: 'ask' },
    { chords: 'z', label: 'undo' },
    { chords: ['[', ']'], label: 'my past' },
  ]
}
