import { randomUUID } from 'node:crypto'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Workbench } from '@/components/workbench/workbench'
import type { ClaimAnswer } from '@/contract/v1/review'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import { leaseMs, mostHeld } from '@/domain/review'
import { getLog } from '@/platform/log'
import { claimItems } from '@/server/claim-items'
import { readConsent } from '@/server/consent'
import { findWorkSpecification } from '@/server/find-specification'
import { readQueue } from '@/server/list-queues'
import { requireProjectPage } from '@/server/page-access'
import { loadTaskViewer } from '@/tasks/registry'
import { openShell } from '../../../shell-facts'

interface Props {
  params: Promise<{ project: string; queueId: string }>
}

export const metadata: Metadata = { title: 'Workbench' }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export default async function WorkbenchPage({ params }: Props) {
  const { project: slug, queueId } = await params
  const here = `/p/${slug}/queues/${queueId}`
  const scope = await requireProjectPage(slug, pagePermissions['queues/[queueId]'], here)
  const { caller, project } = scope
  if (caller.kind !== 'person' || !uuid.test(queueId)) notFound()
  const [{ facts }, consent, queue] = await Promise.all([
    openShell(slug),
    readConsent(scope),
    readQueue(scope, queueId).catch(error => {
      if (isAmendError(error) && error.code === 'not_found') notFound()
      throw error
    }),
  ])
  const owner = {
    slug: project.slug,
    projectId: project.id,
    userId: caller.userId,
    pseudonym: consent.pseudonym,
  }
  // The first item is claimed and drawn with the page; the browser confirms it when it takes over.
  const sessionId = randomUUID()
  const [claim, Viewer] = await Promise.all([
    queue.closedToMe === null
      ? claimItems(scope, queue.id, { sessionId, count: mostHeld }).catch(error => {
          // Only refusals are the page's own: whatever held the claim up, the browser asks again and says what happens.
          if (isAmendError(error)) throw error
          getLog().warn({ err: error }, 'a workbench opened before its first item')
          return nothingFor(scope.projectId, { noMore: false })
        })
      : nothingFor(scope.projectId, { noMore: true }),
    loadTaskViewer(project.taskType),
  ])
  const mediaBase = `/api/v1/projects/${project.slug}/media`
  const views = Object.fromEntries(
    claim.held.map(item => [
      item.assignmentId,
      <Viewer key={item.assignmentId} payload={item.payload} mediaBase={mediaBase} />,
    ]),
  )
  return (
    <Workbench
      key={queue.id}
      owner={owner}
      facts={facts}
      taskType={project.taskType}
      queue={queue}
      opened={{ sessionId, claim }}
      views={views}
    />
  )
}

/** A queue for other people hands out nothing, and its page opens all the same. */
async function nothingFor(projectId: string, { noMore }: { noMore: boolean }): Promise<ClaimAnswer> {
  return { held: [], noMore, leaseMs, specification: await findWorkSpecification(projectId) }
}
