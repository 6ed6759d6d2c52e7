import type { Metadata } from 'next'
import { ImportPanel } from '@/components/import/import-panel'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { RelativeTime } from '@/components/ui/relative-time'
import { StatusLane } from '@/components/ui/status-lane'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import { describeImport } from '@/server/describe-import'
import { listImports } from '@/server/find-import'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'
import styles from '../project.module.css'
import listStyles from './import-list.module.css'

export const metadata: Metadata = { title: 'Import' }

const pageSize = 20

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ import?: string | string[]; cursor?: string | string[] }>
}

export default async function ImportPage({ params, searchParams }: Props) {
  const { project } = await params
  const query = await searchParams
  const here = `/p/${project}/import`
  const scope = await requireProjectPage(project, pagePermissions.import, here)
  const facts = taskFacts(scope.project.taskType)
  const usePage = `/p/${project}/${facts?.usePage ?? ''}`
  const wanted = typeof query.import === 'string' ? query.import : null
  const from = typeof query.cursor === 'string' && query.cursor ? query.cursor : undefined
  const [initial, page] = await Promise.all([
    wanted ? describeImport(scope, wanted).catch(absent) : null,
    listImports(scope, { cursor: from, limit: pageSize }).catch(error => {
      // An address that was cut short still opens the first page.
      if (isAmendError(error) && error.code === 'invalid_input')
        return listImports(scope, { limit: pageSize })
      throw error
    }),
  ])
  return (
    <>
      <div className={styles.page}>
        <PageHeader title="Import" meta="Items from a file: everyone in the project can work on them." />
        {facts?.fromTables || facts?.fromPictures ? (
          <section className={`${styles.section} ${styles.wide}`} aria-label="Bring a file">
            <ImportPanel
              project={project}
              initial={initial}
              usePage={usePage}
              takes={facts.fromTables ? 'table' : 'pictures'}
            />
          </section>
        ) : (
          <EmptyState
            title={`${facts?.label ?? 'These items'} do not come from files.`}
            action={<ButtonLink href={usePage}>Open the {facts?.usePage}</ButtonLink>}
          >
            Add them where they are used.
          </EmptyState>
        )}
        {page.imports.length > 0 ? (
          <section className={`${styles.section} ${styles.wide}`} aria-labelledby="brought">
            <h2 id="brought">Files that were brought</h2>
            <ul className={listStyles.list}>
              {page.imports.map(one => (
                <li key={one.id} className={listStyles.row}>
                  <a href={`${here}?import=${one.id}`} dir="auto">
                    {one.fileName}
                  </a>
                  <span className={listStyles.what}>{one.sentence}</span>
                  <RelativeTime
                    at={one.createdAt}
                    now={new Date().toISOString()}
                    className={listStyles.age}
                  />
                </li>
              ))}
            </ul>
            <nav className={styles.actions} aria-label="Pages of files">
              {from ? <ButtonLink href={here}>Newest</ButtonLink> : null}
              {page.nextCursor ? (
                <ButtonLink href={`${here}?cursor=${encodeURIComponent(page.nextCursor)}`}>Older</ButtonLink>
              ) : null}
            </nav>
          </section>
        ) : null}
      </div>
      <StatusLane state={page.imports.length === 1 ? '1 file' : `${page.imports.length} files`} />
    </>
  )
}

/** An id that is none of this project's opens the page without it. */
function absent(error: unknown): null {
  if (isAmendError(error) && error.code === 'not_found') return null
  // Postgres refuses what is no UUID.
  if ((error as { code?: string }).code === '22P02') return null
  throw error
}
