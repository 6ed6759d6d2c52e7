'use client'
import { ErrorNote } from '@/components/ui/error-note'
import './globals.css'
import styles from './plain-page.module.css'

/** The last resort: even the frame around the pages failed. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <title>Amend</title>
        <div className={styles.page}>
          <main>
            <h1 className="visually-hidden">Amend failed to open</h1>
            <ErrorNote
              title="Amend failed to open. What you saved is safe."
              code={error.digest ?? 'app_failed'}
              onRetry={() => location.reload()}
            >
              Try again. If it fails again, give the code to whoever runs this server.
            </ErrorNote>
          </main>
        </div>
      </body>
    </html>
  )
}
