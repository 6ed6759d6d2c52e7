import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Adjudicate } from '@/components/adjudicate/adjudicate'
import { pagePermissions } from '@/domain/page-permission'
import { readConsent } from '@/server/consent'
import { requireProjectPage } from '@/server/page-access'
import { openShell } from '../../shell-facts'

export const metadata: Metadata = { title: 'Adjudicate' }

/** Items are claimed by the page in the browser, and not while it is drawn: a page that is fetched ahead holds nothing. */
export default async function AdjudicatePage({ params }: { params: Promise<{ project: string }> }) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, pagePermissions.adjudicate, `/p/${slug}/adjudicate`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const [{ facts }, consent] = await Promise.all([openShell(slug), readConsent(scope)])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
  }
  return (
    <Adjudicate
      owner={owner}
      facts={facts}
      taskType={project.taskType}
      mayMakePrecedents={scope.can('specification.manage')}
    />
  )
}
