import type { Metadata } from 'next'
import { notFound, redirect } from 'next/navigation'
import { Inbox } from '@/components/inbox/inbox'
import { readConsent } from '@/server/consent'
import { listInbox } from '@/server/list-inbox'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'

export const metadata: Metadata = { title: 'Inbox' }

export default async function InboxPage({ params }: { params: Promise<{ project: string }> }) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, 'inbox.use', `/p/${slug}/inbox`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const usePage = taskFacts(project.taskType)?.usePage
  if (usePage && usePage !== 'inbox') redirect(`/p/${slug}/${usePage}`)
  const [page, consent] = await Promise.all([listInbox(scope, { limit: 50 }), readConsent(scope)])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
    usePage: taskFacts(project.taskType)?.usePage ?? null,
  }
  return <Inbox owner={owner} page={page} consent={consent} />
}
