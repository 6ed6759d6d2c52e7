import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { MyHistory } from '@/components/inbox/my-history'
import { databaseNow } from '@/server/append-events'
import { readConsent } from '@/server/consent'
import { listMyHistory } from '@/server/list-my-history'
import { listMyReviews } from '@/server/list-reviewed'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'

export const metadata: Metadata = { title: 'My history' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ view?: string | string[] }>
}

export default async function MyHistoryPage({ params, searchParams }: Props) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, 'history.own', `/p/${slug}/my-history`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const reviews = scope.can('queues.work')
  const view = reviews && (await searchParams).view === 'review' ? 'review' : 'use'
  const [consent, now] = await Promise.all([readConsent(scope), databaseNow()])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
    usePage: taskFacts(project.taskType)?.usePage ?? null,
  }
  const common = { owner, consent, now, view: reviews ? view : null } as const
  return view === 'review' ? (
    <MyHistory key={view} {...common} reviews={await listMyReviews(scope, { limit: 50 })} />
  ) : (
    <MyHistory key={view} {...common} page={await listMyHistory(scope, { limit: 50 })} />
  )
}
