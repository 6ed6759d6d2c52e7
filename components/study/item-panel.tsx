'use client'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Timeline } from '@/contract/v1/feedback'
import { EmptyState } from '../ui/empty-state'
import iconButton from '../ui/icon-button.module.css'
import { useKeys } from '../ui/use-keys'
import styles from './item-panel.module.css'
import { ItemTimeline } from './item-timeline'

export interface ItemPanelProps {
  slug: string
  timeline: Timeline
  /** The exposure that the panel was opened at. */
  at: string | undefined
  closeHref: string
  /** Neighbours in the table, where there are any. */
  previousHref: string | null
  nextHref: string | null
  /** Whether queues and history are open to this person. */
  mayOpen: boolean
  now: string
  /** The item as its task shows it. */
  children: ReactNode
}

/** An item beside the table: what it is, and everything that happened to it. */
export function ItemPanel({
  slug,
  timeline,
  at,
  closeHref,
  previousHref,
  nextHref,
  mayOpen,
  now,
  children,
}: ItemPanelProps) {
  const router = useRouter()
  const heading = useRef<HTMLHeadingElement>(null)
  const close = () => {
    router.push(closeHref, { scroll: false })
    document.querySelector<HTMLAnchorElement>(`a[data-row="${at}"]`)?.focus()
  }
  useKeys('Item', [{ chord: 'escape', label: 'close the item', run: close }])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each item that opens is read out from its name.
  useEffect(() => heading.current?.focus({ preventScroll: true }), [timeline.itemId, at])

  return (
    <aside className={styles.panel} aria-labelledby="item-title">
      <div className={styles.top}>
        <code className={styles.id}>{timeline.itemId.slice(-12)}</code>
        <Step href={previousHref} label="Previous row" keys="[">
          <ChevronUp />
        </Step>
        <Step href={nextHref} label="Next row" keys="]">
          <ChevronDown />
        </Step>
        <Link
          href={closeHref}
          scroll={false}
          className={iconButton.button}
          aria-label="Close the item"
          title="Close (esc)"
          onClick={event => {
            if (event.metaKey || event.ctrlKey) return
            event.preventDefault()
            close()
          }}
        >
          <X />
        </Link>
      </div>
      <h2 id="item-title" ref={heading} tabIndex={-1} className={styles.title} dir="auto">
        {timeline.title ?? 'Erased item'}
      </h2>
      {timeline.erased ? (
        <EmptyState title="The content of this item was erased.">
          What happened is kept without its words, so that counts still add up.
        </EmptyState>
      ) : (
        children
      )}
      <h3 className={styles.heading}>What happened</h3>
      {timeline.events.length + timeline.marks.length > 0 ? (
        <ItemTimeline
          key={timeline.itemId}
          slug={slug}
          events={timeline.events}
          marks={timeline.marks}
          mayOpen={mayOpen}
          now={now}
        />
      ) : (
        <p className={styles.quiet}>Nobody was shown anything for this item yet.</p>
      )}
    </aside>
  )
}

function Step({
  href,
  label,
  keys,
  children,
}: {
  href: string | null
  label: string
  keys: string
  children: ReactNode
}) {
  if (!href) {
    return (
      <span className={iconButton.button} aria-hidden data-off>
        {children}
      </span>
    )
  }
  return (
    <Link
      href={href}
      scroll={false}
      className={iconButton.button}
      aria-label={label}
      title={`${label} (${keys})`}
    >
      {children}
    </Link>
  )
}
