'use client'
import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { ErrorNote } from '@/components/ui/error-note'
import styles from './error.module.css'

/** A study page that failed, inside the navigation that still works. */
export default function StudyError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  const router = useRouter()
  const retry = () =>
    startTransition(() => {
      router.refresh()
      reset()
    })
  return (
    <div className={styles.failed}>
      <h1 className="visually-hidden">This page failed</h1>
      <ErrorNote
        title="This page failed to open. The feedback is safe."
        code={error.digest ?? 'page_failed'}
        onRetry={retry}
      >
        Try again. If it fails again, give the code to whoever runs this server.
      </ErrorNote>
    </div>
  )
}
