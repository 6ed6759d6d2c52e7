import Link from 'next/link'
import type { ReactNode } from 'react'
import { ButtonLink } from '../ui/button'
import { PageHeader } from '../ui/page-header'
import styles from './queue-frame.module.css'

export type QueuePage = 'manage' | 'agreement' | 'people'

const pages: readonly { page: QueuePage; label: string }[] = [
  { page: 'manage', label: 'Items and rules' },
  { page: 'agreement', label: 'Agreement' },
  { page: 'people', label: 'People and bias' },
]

interface Props {
  project: string
  queue: { id: string; name: string }
  current: QueuePage
  meta?: ReactNode
  children: ReactNode
}

/** The head of every page on one queue, for those who answer for it. */
export function QueueFrame({ project, queue, current, meta, children }: Props) {
  const base = `/p/${project}/queues/${queue.id}`
  return (
    <>
      <PageHeader
        title={queue.name}
        meta={meta}
        actions={
          <ButtonLink href={base} prefetch={false}>
            Review
          </ButtonLink>
        }
      />
      <nav aria-label="This queue">
        <ul className={styles.tabs}>
          {pages.map(({ page, label }) => (
            <li key={page}>
              <Link href={`${base}/${page}`} aria-current={page === current ? 'page' : undefined}>
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </>
  )
}
