import type { ReactNode } from 'react'
import { NoticeBar } from '@/components/shell/notice-bar'
import { SuggestionsProvider } from '@/components/shell/suggestions'
import { TopBar } from '@/components/shell/top-bar'
import { readConsent } from '@/server/consent'
import { listNotices } from '@/server/list-notices'
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
  const [consent, { notices }] = await Promise.all([readConsent(scope), listNotices(scope)])
  const notice = notices[0]
  return (
    <SuggestionsProvider project={scope.project.slug} initiallyOn={consent.suggestionsOn}>
      <div className={styles.use}>
        <TopBar facts={facts} />
        {notice ? <NoticeBar key={notice.id} project={scope.project.slug} notice={notice} /> : null}
        <main id="content" tabIndex={-1} className={styles.main}>
          {children}
        </main>
      </div>
    </SuggestionsProvider>
  )
}
