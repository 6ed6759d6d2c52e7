'use client'
import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { ErrorNote } from '@/components/ui/error-note'
import styles from './queues.module.css'

/** The list failed; the navigation still works. */
export default function QueuesError({
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
    <div className={styles.page}>
      <h1 className="visually-hidden">This page failed</h1>
      <ErrorNote
        title="The queues failed to open. What was answered is safe."
        code={error.digest ?? 'page_failed'}
        onRetry={retry}
      >
        Try again. If it fails again, give the code to whoever runs this server.
      </ErrorNote>
    </div>
  )
}
