import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { MyHistory } from '@/components/inbox/my-history'
import { databaseNow } from '@/server/append-events'
import { readConsent } from '@/server/consent'
import { listMyHistory } from '@/server/list-my-history'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'

export const metadata: Metadata = { title: 'My history' }

export default async function MyHistoryPage({ params }: { params: Promise<{ project: string }> }) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, 'history.own', `/p/${slug}/my-history`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const [page, consent, now] = await Promise.all([
    listMyHistory(scope, { limit: 50 }),
    readConsent(scope),
    databaseNow(),
  ])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
    usePage: taskFacts(project.taskType)?.usePage ?? null,
  }
  return <MyHistory owner={owner} page={page} consent={consent} now={now} />
}
