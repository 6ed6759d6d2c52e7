import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { SideNav } from '@/components/shell/side-nav'
import type { Permission } from '@/domain/permission'
import styles from './shell.module.css'
import { openShell } from './shell-facts'

interface Props {
  params: Promise<{ project: string }>
  children: ReactNode
  /**
   * What every page of the group takes, where there is one such thing. Refused here, before anything is streamed: a
   * page beneath a loading state could no longer answer 404.
   */
  permission?: Permission
}

/** The navigation at the side, and a page of its group. */
export async function SideFrame({ params, children, permission }: Props) {
  const { scope, facts } = await openShell((await params).project)
  if (permission && !scope.can(permission)) notFound()
  return (
    <div className={styles.study}>
      <SideNav facts={facts} />
      <main id="content" tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  )
}
