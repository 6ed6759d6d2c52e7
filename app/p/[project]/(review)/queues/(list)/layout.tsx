import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { SideNav } from '@/components/shell/side-nav'
import { pagePermissions } from '@/domain/page-permission'
import styles from '../../../shell.module.css'
import { openShell } from '../../../shell-facts'

export default async function QueuesLayout({
  params,
  children,
}: {
  params: Promise<{ project: string }>
  children: ReactNode
}) {
  const { scope, facts } = await openShell((await params).project)
  // Refused here, before anything is streamed: a page beneath a loading state could no longer answer 404.
  if (!scope.can(pagePermissions.queues)) notFound()
  return (
    <div className={styles.study}>
      <SideNav facts={facts} />
      <main id="content" tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  )
}
