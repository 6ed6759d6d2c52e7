import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { pagePermissions } from '@/domain/page-permission'
import { readConsent } from '@/server/consent'
import { listQueues } from '@/server/list-queues'
import { requireProjectPage } from '@/server/page-access'
import { Queues } from '../queues'

export const metadata: Metadata = { title: 'Review' }

export default async function QueuesPage({ params }: { params: Promise<{ project: string }> }) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, pagePermissions.queues, `/p/${slug}/queues`)
  const { caller, project } = scope
  if (caller.kind !== 'person') notFound()
  const [{ queues }, consent] = await Promise.all([listQueues(scope), readConsent(scope)])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
  }
  return (
    <Queues
      owner={owner}
      queues={queues}
      mayManage={scope.can('queues.manage')}
      now={new Date().toISOString()}
    />
  )
}
