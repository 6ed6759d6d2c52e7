import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound, redirect } from 'next/navigation'
import { ProjectProviders } from '@/components/shell/project-providers'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { Logo } from '@/components/ui/logo'
import { isAmendError } from '@/domain/errors'
import { roleMeanings, roles } from '@/domain/permission'
import { newProjectRefusal } from '@/server/create-own-project'
import { describeImport } from '@/server/describe-import'
import { currentPerson, requireProjectPage } from '@/server/page-access'
import { readKeys } from '@/server/read-keys'
import { loadTaskType, taskFacts, taskTypeIds } from '@/tasks/registry'
import styles from './new.module.css'
import { NewProjectForm } from './new-project-form'
import { StartProject } from './start-project'
import { isStart } from './starts'

export const metadata: Metadata = { title: 'New project' }

interface Props {
  searchParams: Promise<{ [name: string]: string | string[] | undefined }>
}

/** A project of one's own: named first, then started by an app, a model or a file. */
export default async function NewProjectPage({ searchParams }: Props) {
  const query = await searchParams
  const one = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : null)
  const person = await currentPerson()
  if (!person) redirect(`/sign-in?next=${encodeURIComponent('/new')}`)
  const slug = one('project')
  const refusal = newProjectRefusal(person)
  return (
    <ProjectProviders keys={await readKeys(person.userId)}>
      <div className={styles.page}>
        <header className={styles.top}>
          <Link href="/" className={styles.home} aria-label="Amend, first page">
            <Logo />
          </Link>
          <Link href="/account" className={styles.account}>
            {person.name}
          </Link>
        </header>
        <main id="content" tabIndex={-1} className={styles.main}>
          {slug ? (
            <Started slug={slug} start={one('start')} importId={one('import')} />
          ) : refusal ? (
            <>
              <h1>New project</h1>
              <EmptyState
                title="Not from this account."
                action={<ButtonLink href="/account">Account</ButtonLink>}
              >
                {refusal}
              </EmptyState>
            </>
          ) : (
            <NewProjectForm
              tasks={taskTypeIds.map(id => ({
                id,
                label: taskFacts(id)?.label ?? id,
              }))}
            />
          )}
        </main>
      </div>
    </ProjectProviders>
  )
}

async function Started({
  slug,
  start,
  importId,
}: {
  slug: string
  start: string | null
  importId: string | null
}) {
  const scope = await requireProjectPage(slug, 'settings.manage', `/new?project=${slug}`)
  const { project } = scope
  const facts = taskFacts(project.taskType)
  if (!facts) notFound()
  const task = await loadTaskType(project.taskType)
  const initial = importId
    ? await describeImport(scope, importId).catch(error => {
        if (isAmendError(error) || (error as { code?: string }).code === '22P02') return null
        throw error
      })
    : null
  return (
    <StartProject
      project={{ slug: project.slug, name: project.name }}
      task={{
        usePage: facts.usePage,
        fromTables: facts.fromTables ?? false,
        fromPictures: facts.fromPictures ?? false,
        example: task.table?.example ?? null,
      }}
      start={isStart(start) ? start : 'data'}
      initialImport={initial}
      meanings={roles.map(role => ({ role, means: roleMeanings[role] }))}
    />
  )
}
