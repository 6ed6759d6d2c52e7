'use client'
import {
  type ComponentType,
  lazy,
  memo,
  type ReactNode,
  type RefObject,
  Suspense,
  useEffect,
  useState,
} from 'react'
import type { HeldItem } from '@/contract/v1/review'
import { loadTaskViewer } from '@/tasks/registry'
import type { TaskViewerProps } from '@/tasks/task-type'
import { Skeleton } from '../ui/skeleton'
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
  item: HeldItem
  /** Drawn by the server already, for the first items. */
  view: ReactNode | undefined
  taskType: string
  mediaBase: string
  instructions: string
  /** The item after this one: its picture is fetched already. */
  ahead: HeldItem | null
  title: RefObject<HTMLHeadingElement | null>
}

/** What is judged, as large as the page allows, with what is asked and why the item is here. */
export const Evidence = memo(function Evidence({
  item,
  view,
  taskType,
  mediaBase,
  instructions,
  ahead,
  title,
}: Props) {
  const media = ahead?.media?.id
  useEffect(() => {
    if (media) new Image().src = `${mediaBase}/${media}`
  }, [media, mediaBase])
  return (
    <section className={styles.evidence} aria-labelledby="item-title">
      <Instructions text={instructions} />
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

/** The first line is always in sight; the rest is one press away. */
function Instructions({ text }: { text: string }) {
  const [open, setOpen] = useState(false)
  const trimmed = text.trim()
  if (!trimmed) return null
  const [first = '', ...rest] = trimmed.split('\n')
  const more = rest.length > 0 || first.length > 160
  return (
    <div className={styles.instructions}>
      <p id="instructions" className={open ? styles.all : styles.first}>
        {open ? trimmed : first}
      </p>
      {more ? (
        <button
          type="button"
          className={styles.guide}
          aria-expanded={open}
          aria-controls="instructions"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Less' : 'Full guide'}
        </button>
      ) : null}
    </div>
  )
}
