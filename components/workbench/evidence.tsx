'use client'
import { type ComponentType, lazy, memo, type ReactNode, type RefObject, Suspense, useEffect } from 'react'
import type { HeldItem } from '@/contract/v1/review'
import { loadTaskViewer } from '@/tasks/registry'
import type { TaskViewerProps } from '@/tasks/task-type'
import { useShortcut } from '../ui/keycap'
import { Skeleton } from '../ui/skeleton'
import type { SeenItem } from './desk-types'
import styles from './evidence.module.css'

/** One lazy component per type: a new one at each draw would load again. */
const viewers = new Map<string, ComponentType<TaskViewerProps>>()
/** Loads the viewer, once; called before there is an item, so that neither waits for the other. */
export function viewerOf(taskType: string): ComponentType<TaskViewerProps> {
  const known = viewers.get(taskType)
  if (known) return known
  const loading = loadTaskViewer(taskType)
  loading.catch(() => viewers.delete(taskType))
  const Viewer = lazy(async () => ({ default: await loading }))
  viewers.set(taskType, Viewer)
  return Viewer
}

interface Props {
  item: SeenItem
  /** Drawn by the server already, for the first items. */
  view: ReactNode | undefined
  taskType: string
  mediaBase: string
  instructions: string
  /** Whether there is more to read than the instructions’ first line. */
  guide: boolean
  guideOpen: boolean
  onGuide: () => void
  /** The items after this one: their pictures are fetched already. */
  ahead: readonly HeldItem[]
  title: RefObject<HTMLHeadingElement | null>
}

/** What is judged, as large as the page allows, with what is asked and why the item is here. */
export const Evidence = memo(function Evidence({
  item,
  view,
  taskType,
  mediaBase,
  instructions,
  guide,
  guideOpen,
  onGuide,
  ahead,
  title,
}: Props) {
  useEffect(() => {
    for (const { media } of ahead) if (media) new Image().src = `${mediaBase}/${media.id}`
  }, [ahead, mediaBase])
  return (
    <section className={styles.evidence} aria-labelledby="item-title">
      <Instructions text={instructions} more={guide} open={guideOpen} onOpen={onGuide} />
      <h1 id="item-title" ref={title} tabIndex={-1} className={styles.title} dir="auto">
        {item.title}
      </h1>
      <div className={styles.viewer}>
        {view ?? (
          <Suspense fallback={<Skeleton lines={['100%', '90%', '60%']} />}>
            <Drawn taskType={taskType} payload={item.payload} mediaBase={mediaBase} />
          </Suspense>
        )}
      </div>
      <p className={styles.why}>
        <code>{item.itemId.slice(-6)}</code> {item.why}
      </p>
    </section>
  )
})

function Drawn({ taskType, ...props }: TaskViewerProps & { taskType: string }) {
  const Viewer = viewerOf(taskType)
  return <Viewer {...props} />
}

/** The first line is always in sight; the whole guide is one press away. */
function Instructions({
  text,
  more,
  open,
  onOpen,
}: {
  text: string
  more: boolean
  open: boolean
  onOpen: () => void
}) {
  const shortcut = useShortcut('g')
  const [first = '', ...rest] = text.trim().split('\n')
  if (!first && !more) return null
  return (
    <div className={styles.instructions}>
      {first ? (
        <p id="instructions" className={styles.first}>
          {first}
        </p>
      ) : null}
      {more || rest.length > 0 || first.length > 160 ? (
        <button
          type="button"
          className={styles.guide}
          aria-expanded={open}
          aria-controls="guide"
          aria-keyshortcuts={shortcut}
          onClick={onOpen}
        >
          {open ? 'Less' : 'Full guide'}
        </button>
      ) : null}
    </div>
  )
}
