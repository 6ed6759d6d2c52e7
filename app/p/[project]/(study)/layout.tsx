import type { ReactNode } from 'react'
import { SideNav } from '@/components/shell/side-nav'
import styles from '../shell.module.css'
import { openShell } from '../shell-facts'

export default async function StudyLayout({
  params,
  children,
}: {
  params: Promise<{ project: string }>
  children: ReactNode
}) {
  const { facts } = await openShell((await params).project)
  return (
    <div className={styles.study}>
      <SideNav facts={facts} />
      <main id="content" tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  )
}
