'use client'
import { Ban, Check, CircleDashed, PenLine, Undo2, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { AlbumPhoto } from '@/contract/v1/album'
import { useFeedback } from '../inbox/feedback-kit'
import { LearnedLine } from '../inbox/learned-line'
import { useInView } from '../inbox/use-in-view'
import { WhyPanel } from '../inbox/why-panel'
import { Button } from '../ui/button'
import { DecisionBadge } from '../ui/decision-badge'
import { ErrorNote } from '../ui/error-note'
import { IconButton } from '../ui/icon-button'
import { RelativeTime } from '../ui/relative-time'
import type { AlbumDesk, PhotoWork } from './album-desk'
import { suggestedCaption } from './album-desk'
import { CaptionEditor } from './caption-editor'
import styles from './photo-card.module.css'

interface Props {
  photo: AlbumPhoto
  work: PhotoWork
  desk: AlbumDesk
  /** In the first rows: loaded at once. */
  eager: boolean
  current: boolean
  consented: boolean
  suggestionsOn: boolean
  serverTime: string
  acts: {
    accept(id: string): void
    dismiss(id: string): void
    edit(id: string): void
    save(id: string): void
    putBack(id: string): void
    undo(id: string): void
  }
  onCurrent: () => void
}

/** One photo with its caption beneath: suggested, yours, or none. */
export function PhotoCard(props: Props) {
  const { photo, work, desk, eager, current, consented, suggestionsOn, acts, onCurrent } = props
  const { slug } = useFeedback()
  const { media, id } = photo
  const item = useRef<HTMLLIElement>(null)
  const caption = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (!item.current) return
    const observer = new IntersectionObserver(entries => setNear(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: '300px',
    })
    observer.observe(item.current)
    return () => observer.disconnect()
  }, [])
  const asks = near && consented && suggestionsOn && work.asked === 'no' && work.decision === null
  useEffect(() => {
    if (asks) desk.ask(id)
  }, [asks, desk, id])
  const suggestion = suggestionsOn && consented ? suggestedCaption(work) : null
  const showing = suggestion !== null && work.decision === null
  useInView(caption, visible => desk.seen(id, visible && showing))
  // What has just appeared in a place that is in view counts from now on.
  useEffect(() => {
    if (!showing || !caption.current) return
    const { top, bottom } = caption.current.getBoundingClientRect()
    if (top < window.innerHeight && bottom > 0 && document.visibilityState === 'visible') desk.seen(id, true)
  }, [showing, desk, id])

  const source = `/api/v1/projects/${slug}/media/${media.id}`
  return (
    <li
      ref={item}
      className={styles.card}
      data-photo={id}
      data-current={current || undefined}
      tabIndex={-1}
      onFocus={() => !current && onCurrent()}
      onPointerDown={() => !current && onCurrent()}
    >
      <div className={styles.frame} style={{ aspectRatio: frameRatio(media.width, media.height) }}>
        {/* biome-ignore lint/performance/noImgElement: the image optimiser is switched off, since it would fetch for anyone. */}
        <img
          src={source}
          srcSet={media.width > 480 ? `${source}/thumbnail 480w, ${source} ${media.width}w` : undefined}
          sizes="(max-width: 720px) 100vw, 33vw"
          width={media.width}
          height={media.height}
          alt={media.alt ?? photo.title}
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
        />
      </div>
      <div ref={caption} className={styles.caption}>
        {work.draft !== null ? (
          <CaptionEditor
            photo={photo}
            text={work.draft}
            before={suggestion?.text ?? work.decision?.text ?? null}
            onType={text => desk.type(id, text)}
            onSave={() => acts.save(id)}
            onPutBack={() => acts.putBack(id)}
          />
        ) : work.decision ? (
          <Decided {...props} />
        ) : (
          <Undecided {...props} />
        )}
        {work.refusal ? (
          <ErrorNote title="That was not taken. Your words are safe here.">{work.refusal}</ErrorNote>
        ) : null}
      </div>
    </li>
  )
}

/** Whole photos, but for very tall or very wide ones, which get bands: rows stay of a height. */
function frameRatio(width: number, height: number): string {
  return String(Math.min(2, Math.max(1, width / height)))
}

function Decided({ photo, work, acts, serverTime, current }: Props) {
  const { decision } = work
  if (!decision) return null
  const { type, text, decidedAt } = decision
  const gone = type === 'dismissed' || type === 'rejected'
  return (
    <>
      <div className={styles.line}>
        {gone ? (
          <p className={styles.none}>No caption</p>
        ) : (
          <p className={styles.text} data-mine dir="auto">
            {text ?? 'The words were erased'}
          </p>
        )}
        <span className={styles.tools}>
          <IconButton
            label={gone ? 'Write a caption' : 'Edit the caption'}
            keyHint="e"
            icon={<PenLine />}
            onClick={() => acts.edit(photo.id)}
          />
        </span>
      </div>
      <div className={styles.state}>
        <DecisionBadge decision={type} />
        <span className={styles.when}>
          <RelativeTime at={decidedAt} now={laterOf(serverTime, decidedAt)} />
        </span>
        <Button
          size="small"
          icon={<Undo2 />}
          keyHint={current ? 'z' : undefined}
          onClick={() => acts.undo(photo.id)}
        >
          Undo
        </Button>
      </div>
    </>
  )
}

/** A decision of just now is newer than the page. */
function laterOf(a: string, b: string): string {
  return Date.parse(a) > Date.parse(b) ? a : b
}

function Undecided({ photo, work, desk, consented, suggestionsOn, acts }: Props) {
  const { id } = photo
  const [why, setWhy] = useState(false)
  const suggestion = suggestedCaption(work)
  const write = (
    <Button size="small" onClick={() => acts.edit(id)}>
      Write one
    </Button>
  )
  if (!consented) return <p className={styles.none}>No caption yet</p>
  if (!suggestionsOn) return <Nothing words="Suggestions are off.">{write}</Nothing>
  if (suggestion && work.answer) {
    return (
      <>
        <div className={styles.line}>
          <p className={styles.text} dir="auto">
            <span className={styles.model}>{suggestion.text}</span>
          </p>
          <span className={styles.tools}>
            <IconButton label="Accept" keyHint="a" icon={<Check />} onClick={() => acts.accept(id)} />
            <IconButton label="Edit" keyHint="e" icon={<PenLine />} onClick={() => acts.edit(id)} />
            <IconButton label="Dismiss" keyHint="x" icon={<X />} onClick={() => acts.dismiss(id)} />
          </span>
        </div>
        <div className={styles.state}>
          <span className={styles.by}>
            <CircleDashed aria-hidden /> {suggestion.learned ? 'Suggested' : 'Suggested by the model'}
          </span>
          <LearnedLine
            learned={suggestion.learned}
            onUndo={({ eventId, exposureId, itemId }) =>
              desk.undo({
                photoId: itemId,
                exposureId,
                eventId,
                undoEventId: null,
                before: null,
                after: desk.read(itemId).decision,
              })
            }
          />
          <button
            type="button"
            className={styles.why}
            aria-expanded={why}
            aria-label={`Why this caption for ${photo.title}?`}
            onClick={() => setWhy(!why)}
          >
            Why this?
          </button>
        </div>
        {why ? <WhyPanel exposureId={work.answer.exposureId} onClose={() => setWhy(false)} /> : null}
      </>
    )
  }
  if (work.asked === 'failed') {
    return (
      <Nothing
        words={
          work.problem?.code === 'unreachable'
            ? 'The server can’t be reached, so there is no suggestion.'
            : `No suggestion this time. ${work.problem?.detail ?? ''}`
        }
      >
        <Button size="small" onClick={() => desk.ask(id)}>
          Ask again
        </Button>
        {write}
      </Nothing>
    )
  }
  if (work.answer)
    return <Nothing words={work.answer.reason?.text ?? 'No suggestion for this one.'}>{write}</Nothing>
  return (
    <>
      <div className={styles.line}>
        <span className={styles.loading} aria-hidden />
      </div>
      <div className={styles.state}>
        <span className={styles.by}>
          <CircleDashed aria-hidden /> {work.asked === 'asking' ? 'The model is looking' : 'Not asked yet'}
        </span>
      </div>
    </>
  )
}

function Nothing({ words, children }: { words: string; children: React.ReactNode }) {
  return (
    <>
      <p className={styles.none}>
        <Ban aria-hidden /> {words}
      </p>
      <div className={styles.state}>{children}</div>
    </>
  )
}
