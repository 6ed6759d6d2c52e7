'use client'
import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { ErrorNote } from '../ui/error-note'
import styles from './page-failed.module.css'

export interface PageFailedProps {
  error: Error & { digest?: string }
  reset: () => void
  /** What failed and what is safe: “This page failed to open. The feedback is safe.” */
  title: string
}

/** A page that failed, inside the navigation that still works. */
export function PageFailed({ error, reset, title }: PageFailedProps) {
  const router = useRouter()
  const retry = () =>
    startTransition(() => {
      router.refresh()
      reset()
    })
  return (
    <div className={styles.failed}>
      <h1 className="visually-hidden">This page failed</h1>
      <ErrorNote title={title} code={error.digest ?? 'page_failed'} onRetry={retry}>
        Try again. If it fails again, give the code to whoever runs this server.
      </ErrorNote>
    </div>
  )
}
