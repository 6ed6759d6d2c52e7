'use client'
import {
  Check,
  CircleDashed,
  Eye,
  Feather,
  Flag,
  Hourglass,
  type LucideIcon,
  Minus,
  MousePointerClick,
  PenLine,
  Redo2,
  ShieldAlert,
  SkipForward,
  Star,
  Undo2,
  X,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { TimelineEvent, TimelineMark } from '@/contract/v1/feedback'
import { RelativeTime } from '../ui/relative-time'
import { WordDiff } from '../ui/word-diff'
import { heldBack } from './feedback-words'
import { ItemMark } from './item-mark'
import styles from './item-timeline.module.css'
import { TakeBack, useTakeBack } from './take-back'

const looks: Record<string, { word: string; icon: LucideIcon; tone?: string }> = {
  shown: { word: 'Seen', icon: Eye },
  chosen: { word: 'Chosen', icon: MousePointerClick },
  accepted: { word: 'Accepted', icon: Check, tone: 'accept' },
  corrected: { word: 'Corrected', icon: PenLine, tone: 'correct' },
  written: { word: 'Written', icon: Feather, tone: 'correct' },
  rejected: { word: 'Rejected', icon: X, tone: 'reject' },
  dismissed: { word: 'Dismissed', icon: X },
  rated: { word: 'Rated', icon: Star },
  skipped: { word: 'Skipped', icon: SkipForward },
  flagged: { word: 'Flagged', icon: Flag, tone: 'caution' },
  undone: { word: 'Undone', icon: Undo2, tone: 'undo' },
  redone: { word: 'Redone', icon: Redo2, tone: 'undo' },
  revealed: { word: 'Revealed', icon: Eye, tone: 'blind' },
  outcome: { word: 'Outcome arrived', icon: Hourglass },
  ignored: { word: 'Ignored', icon: Minus },
}
const unknown = { word: 'Event', icon: CircleDashed }

export interface ItemTimelineProps {
  slug: string
  events: TimelineEvent[]
  marks: TimelineMark[]
  /** Whether queues and history are open to this person. */
  mayOpen: boolean
  now: string
}

/** Everything that happened to an item, exposure by exposure, each act with its way back. */
export function ItemTimeline({ slug, events, marks, mayOpen, now }: ItemTimelineProps) {
  const takeBack = useTakeBack(slug, events)
  return (
    <ol className={styles.timeline} aria-label="What happened">
      {together(events, marks).map(event =>
        'dataset' in event ? (
          <ItemMark key={event.id} slug={slug} mark={event} mayOpen={mayOpen} now={now} />
        ) : event.kind === 'exposed' ? (
          <Exposed key={event.id} event={event} now={now} />
        ) : (
          <Happened key={event.id} event={event} now={now}>
            <TakeBack event={event} control={takeBack} />
          </Happened>
        ),
      )}
    </ol>
  )
}

/** Events keep the order in which they count; what else happened stands before the first one that came later. */
function together(events: readonly TimelineEvent[], marks: readonly TimelineMark[]) {
  const all: (TimelineEvent | TimelineMark)[] = []
  let next = 0
  for (const event of events) {
    for (let mark = marks[next]; mark && Date.parse(mark.at) < Date.parse(event.at); mark = marks[next]) {
      all.push(mark)
      next += 1
    }
    all.push(event)
  }
  return [...all, ...marks.slice(next)]
}

function Exposed({ event, now }: { event: TimelineEvent; now: string }) {
  const held = event.reason !== null
  const Icon = held ? ShieldAlert : CircleDashed
  return (
    <li className={styles.event} data-tone={held ? 'caution' : 'model'}>
      <span className={styles.icon} aria-hidden>
        <Icon />
      </span>
      <div className={styles.body}>
        <div className={styles.line}>
          <span className={styles.word}>{held ? 'Nothing suggested' : 'Suggested'}</span>
          <RelativeTime at={event.at} now={now} show="full" className={styles.at} />
        </div>
        <p className={styles.detail}>
          {held ? heldBack(event.reason) : `by ${event.model ?? 'a model'}`}
          {event.latencyMs !== null && !held ? ` in ${Math.round(event.latencyMs)} ms` : null}, to{' '}
          <code>{event.by}</code>
        </p>
        {event.text ? (
          <p className={styles.candidates} dir="auto">
            {event.text}
          </p>
        ) : null}
      </div>
    </li>
  )
}

const standings: Record<string, string> = {
  undone: 'taken back',
  superseded: 'superseded by a later decision',
  pending: 'waits for an earlier event',
  no_op: 'had nothing to change',
}

function Happened({ event, now, children }: { event: TimelineEvent; now: string; children: ReactNode }) {
  const { word, icon: Icon, tone } = { tone: undefined, ...(looks[event.type] ?? unknown) }
  const struck = event.standing !== 'active' && event.standing !== null
  return (
    <li className={styles.event} data-tone={tone} data-struck={struck || undefined}>
      <span className={styles.icon} aria-hidden>
        <Icon />
      </span>
      <div className={styles.body}>
        <div className={styles.line}>
          <span className={styles.word}>{struck ? <s>{word}</s> : word}</span>
          <RelativeTime at={event.at} now={now} show="full" className={styles.at} />
        </div>
        {event.text === null || event.type === 'chosen' ? null : event.before !== null &&
          event.before !== event.text &&
          !struck ? (
          <WordDiff before={event.before} after={event.text} className={styles.text} />
        ) : (
          <p className={styles.text} dir="auto">
            {event.text}
          </p>
        )}
        <p className={styles.detail}>
          {event.by ? (
            <>
              by <code>{event.by}</code>
            </>
          ) : (
            'by the server'
          )}
          {event.visibleMs !== null ? `, seen for ${(event.visibleMs / 1000).toFixed(1)} s` : null}
          {event.reason ? `, “${event.reason}”` : null}
          {event.standing && standings[event.standing] ? `, ${standings[event.standing]}` : null}
          {event.sent === 'sent' ? ', sent' : event.sent === 'cancelled' ? ', sending cancelled' : null}
          {event.sent === 'waiting' ? ', not sent yet' : null}
        </p>
        {children}
      </div>
    </li>
  )
}
