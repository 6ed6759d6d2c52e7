'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { ErrorNote } from '@/components/ui/error-note'
import { Logo } from '@/components/ui/logo'
import styles from './plain-page.module.css'

/** Anything unforeseen while a page was drawn. `digest` finds the line in the server's log. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  const router = useRouter()
  return (
    <div className={styles.page}>
      <header>
        <Link href="/" className={styles.home} aria-label="Amend, first page">
          <Logo />
        </Link>
      </header>
      <main id="content" tabIndex={-1}>
        <h1 className="visually-hidden">This page failed</h1>
        <ErrorNote
          title="This page failed to open. What you saved is safe."
          code={error.digest ?? 'page_failed'}
          onRetry={() =>
            startTransition(() => {
              router.refresh()
              reset()
            })
          }
        >
          Try again. If it fails again, give the code to whoever runs this server.
        </ErrorNote>
      </main>
    </div>
  )
}
