import 'server-only'
import type { QueueView } from '@/contract/v1/review'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findQueue } from './find-queue'
import { readQueue } from './list-queues'
import { refillQueue } from './refill-queue'

/** Looks at everything again for a queue. @throws AmendError not_found, conflict (it is closed) */
export async function refillNow(scope: ProjectScope, id: string): Promise<QueueView> {
  const { state } = await findQueue(scope, id)
  if (state === 'closed') throw new AmendError('conflict', 'This queue is closed. Open it first.')
  await refillQueue(scope.projectId, id)
  return readQueue(scope, id)
}
