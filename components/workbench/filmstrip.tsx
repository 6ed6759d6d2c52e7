import { memo } from 'react'
import type { MediaReference } from '@/tasks/task-type'
import { DecisionBadge } from '../ui/decision-badge'
import type { Past, SeenItem } from './desk-types'
import styles from './filmstrip.module.css'
import { pastLook } from './past-words'

interface Tile {
  title: string
  media: MediaReference | null
}

interface Props {
  past: readonly Past[]
  now: SeenItem
  /** The others in hand: nothing beyond them is known here. */
  next: readonly (Tile & { assignmentId: string })[]
  selected: string | null
  mediaBase: string
  onGo: (entry: Past) => void
}

/** As many as fit beside the item at hand. */
const mostPast = 8

/** One's own last items, the one at hand and the next two: where one is, and a press from any answer. */
export const Filmstrip = memo(function Filmstrip({ past, now, next, selected, mediaBase, onGo }: Props) {
  const shown = lastOfEach(past, now.entryId).toReversed()
  return (
    <ol className={styles.strip} aria-label="My last items, this one and the next ones">
      {shown.map(entry => {
        const { decision, label } = pastLook(entry)
        return (
          <li key={entry.eventId}>
            <button
              type="button"
              className={styles.tile}
              data-selected={entry.eventId === selected || undefined}
              title={entry.title}
              onClick={() => onGo(entry)}
            >
              <Face tile={entry} mediaBase={mediaBase} />
              <span className={styles.mark}>
                <DecisionBadge decision={decision} shape="icon" {...(label ? { label } : {})} />
              </span>
              <span className="visually-hidden">: {entry.title}. Go to it in what I did</span>
            </button>
          </li>
        )
      })}
      <li>
        <span className={styles.tile} data-now aria-current="step">
          <Face tile={{ title: now.title, media: now.media ?? null }} mediaBase={mediaBase} />
          <span className="visually-hidden">: {now.title}, at hand</span>
        </span>
      </li>
      {next.map(tile => (
        <li key={tile.assignmentId}>
          <span className={styles.tile} data-next>
            <Face tile={tile} mediaBase={mediaBase} />
            <span className="visually-hidden">: {tile.title}, next</span>
          </span>
        </li>
      ))}
    </ol>
  )
})

/** The last act on each item, newest first, without the item at hand. */
function lastOfEach(past: readonly Past[], now: string): Past[] {
  const known = new Set([now])
  const last: Past[] = []
  for (const entry of past) {
    if (last.length === mostPast) break
    if (known.has(entry.entryId)) continue
    known.add(entry.entryId)
    last.push(entry)
  }
  return last
}

function Face({ tile: { title, media }, mediaBase }: { tile: Tile; mediaBase: string }) {
  if (!media)
    return (
      <span className={styles.words} aria-hidden dir="auto">
        {title}
      </span>
    )
  return (
    // biome-ignore lint/performance/noImgElement: the image optimiser is switched off, since it would fetch for anyone.
    <img src={`${mediaBase}/${media.id}/thumbnail`} width={60} height={52} alt="" decoding="async" />
  )
}
