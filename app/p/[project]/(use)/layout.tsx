import type { ReactNode } from 'react'
import { SuggestionsProvider } from '@/components/shell/suggestions'
import { TopBar } from '@/components/shell/top-bar'
import { readConsent } from '@/server/consent'
import styles from '../shell.module.css'
import { openShell } from '../shell-facts'

export default async function UseLayout({
  params,
  children,
}: {
  params: Promise<{ project: string }>
  children: ReactNode
}) {
  const { scope, facts } = await openShell((await params).project)
  const consent = await readConsent(scope)
  return (
    <SuggestionsProvider project={scope.project.slug} initiallyOn={consent.suggestionsOn}>
      <div className={styles.use}>
        <TopBar facts={facts} />
        <main id="content" tabIndex={-1} className={styles.main}>
          {children}
        </main>
      </div>
    </SuggestionsProvider>
  )
}
