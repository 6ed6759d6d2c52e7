import type { Metadata } from 'next'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import { describeActions } from '@/server/list-actions'
import { requireProjectPage } from '@/server/page-access'
import styles from '../project.module.css'
import { ActionList } from './action-list'

export const metadata: Metadata = { title: 'History' }

const pageSize = 50

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ cursor?: string | string[] }>
}

export default async function HistoryPage({ params, searchParams }: Props) {
  const { project } = await params
  const { cursor } = await searchParams
  const scope = await requireProjectPage(project, pagePermissions.history, `/p/${project}/history`)
  const from = typeof cursor === 'string' && cursor ? cursor : undefined
  const page = await describeActions(scope, { cursor: from, limit: pageSize }).catch(error => {
    // An address that was cut short still opens the first page.
    if (isAmendError(error) && error.code === 'invalid_input')
      return describeActions(scope, { limit: pageSize })
    throw error
  })
  const here = `/p/${project}/history`
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="History"
          meta="Every change of the project, newest first. What was suggested and decided is under Feedback."
        />
        {page.actions.length > 0 ? (
          <ActionList project={project} actions={page.actions} now={page.serverTime} />
        ) : (
          <EmptyState title="Nothing was changed yet.">
            Invites, roles, keys, settings and models will be told here.
          </EmptyState>
        )}
        <nav
          className={styles.actions}
          aria-label="Pages of the history"
          style={{ paddingBlock: 'var(--s-4)' }}
        >
          {from ? <ButtonLink href={here}>Newest</ButtonLink> : null}
          {page.nextCursor ? (
            <ButtonLink href={`${here}?cursor=${encodeURIComponent(page.nextCursor)}`}>Older</ButtonLink>
          ) : null}
        </nav>
      </div>
      <StatusLane
        state={
          page.actions.length === 1
            ? '1 change'
            : `${page.actions.length} changes${page.nextCursor ? ', older ones follow' : ''}`
        }
      />
    </>
  )
}
