import { Ban, Gavel, Layers, ListPlus, type LucideIcon, ShieldCheck, Tag, Users } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { TimelineMark } from '@/contract/v1/feedback'
import { RelativeTime } from '../ui/relative-time'
import styles from './item-timeline.module.css'

const reviewWords: Record<string, string> = {
  submitted: 'Answered in review',
  skipped: 'Skipped in review',
  flagged: 'Flagged in review',
  asked: 'Asked in review',
  answered: 'Question answered',
  returned: 'Sent back',
  adjudicated: 'Adjudicated',
  compared: 'Compared with the suggestion',
  undone: 'Undone in review',
  redone: 'Redone in review',
}

const changeWords: Record<string, { word: string; icon: LucideIcon }> = {
  'items.tagged': { word: 'Tagged', icon: Tag },
  'items.untagged': { word: 'Tag taken off', icon: Tag },
  'items.excluded': { word: 'Kept out of datasets', icon: Ban },
  'items.included': { word: 'Let into datasets', icon: Layers },
  'items.queued': { word: 'Sent to a queue', icon: ListPlus },
  'items.redacted': { word: 'Personal data taken out', icon: ShieldCheck },
}

interface Look {
  word: string
  icon: LucideIcon
  tone?: string
  detail: ReactNode
}

function lookOf(
  slug: string,
  mayOpen: boolean,
  { kind, type, by, name, queueId, dataset, items }: TimelineMark,
): Look {
  switch (kind) {
    case 'queued':
      return {
        word: type === 'by-hand' ? 'Sent to review' : 'Selected for review',
        icon: ListPlus,
        detail: mayOpen ? <Link href={`/p/${slug}/queues/${queueId}/manage`}>{name}</Link> : name,
      }
    case 'reviewed':
      return {
        word: reviewWords[type] ?? type,
        icon: Users,
        detail: (
          <>
            by <code>{by}</code>, {name}
          </>
        ),
      }
    case 'resolved':
      return {
        word: 'Resolved',
        icon: Gavel,
        tone: 'correct',
        detail: `${type === 'adjudication' ? 'by adjudication' : 'by agreement'}, ${name}`,
      }
    case 'frozen':
      return {
        word: 'In a dataset',
        icon: Layers,
        detail: (
          <>
            <Link href={`/p/${slug}/datasets/${dataset?.slug}?version=${dataset?.version}`}>
              {name} v{dataset?.version}
            </Link>
            , row {dataset?.row}, {type}
          </>
        ),
      }
    case 'changed': {
      const known = changeWords[type]
      return {
        word: known?.word ?? type,
        icon: known?.icon ?? Tag,
        detail: (
          <>
            {name ? `“${name}”, ` : null}
            {items === 1 ? 'this item alone' : `with ${((items ?? 1) - 1).toLocaleString('en')} others`}
            {mayOpen ? (
              <>
                , <Link href={`/p/${slug}/history`}>undo in History</Link>
              </>
            ) : null}
          </>
        ),
      }
    }
  }
}

/** What became of an item besides what people did with suggestions on it. */
export function ItemMark({
  slug,
  mark,
  mayOpen,
  now,
}: {
  slug: string
  mark: TimelineMark
  /** Whether queues and history are open to this person. */
  mayOpen: boolean
  now: string
}) {
  const { word, icon: Icon, tone, detail } = lookOf(slug, mayOpen, mark)
  return (
    <li className={styles.event} data-tone={tone} data-struck={mark.undone || undefined}>
      <span className={styles.icon} aria-hidden>
        <Icon />
      </span>
      <div className={styles.body}>
        <div className={styles.line}>
          <span className={styles.word}>{mark.undone ? <s>{word}</s> : word}</span>
          <RelativeTime at={mark.at} now={now} show="full" className={styles.at} />
        </div>
        {mark.text ? (
          <p className={styles.text} dir="auto">
            {mark.text}
          </p>
        ) : null}
        <p className={styles.detail}>
          {detail}
          {mark.undone ? ', taken back' : null}
        </p>
      </div>
    </li>
  )
}
