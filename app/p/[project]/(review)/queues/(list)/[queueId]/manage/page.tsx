import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import styles from '@/components/review/forms.module.css'
import { QueueFrame } from '@/components/review/queue-frame'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import { listPeopleWho } from '@/server/assign-items'
import { listQueueItems } from '@/server/list-queue-items'
import { readQueue } from '@/server/list-queues'
import { requireProjectPage } from '@/server/page-access'
import { answerKindOf } from '@/tasks/registry'
import { ItemLists } from './item-lists'
import { queueLists } from './queue-lists'
import { RulesAndPeople } from './rules-and-people'

interface Props {
  params: Promise<{ project: string; queueId: string }>
  searchParams: Promise<{ list?: string | string[] }>
}

export const metadata: Metadata = { title: 'Queue' }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export default async function ManageQueuePage({ params, searchParams }: Props) {
  const { project: slug, queueId } = await params
  const here = `/p/${slug}/queues/${queueId}/manage`
  const scope = await requireProjectPage(slug, pagePermissions['queues/[queueId]/manage'], here)
  if (!uuid.test(queueId)) notFound()
  const asked = (await searchParams).list
  const list = queueLists.find(one => one === asked) ?? 'open'
  const [queue, workers, adjudicators, first] = await Promise.all([
    readQueue(scope, queueId),
    listPeopleWho(scope, 'queues.work'),
    listPeopleWho(scope, 'queues.adjudicate'),
    listQueueItems(scope, queueId, { list, limit: 50 }),
  ]).catch(error => {
    if (isAmendError(error) && error.code === 'not_found') notFound()
    throw error
  })
  const { policy } = queue
  if (!policy) notFound()
  return (
    <div className={styles.page}>
      <QueueFrame project={slug} queue={queue} current="manage">
        <RulesAndPeople
          project={slug}
          answers={answerKindOf(scope.project.taskType)}
          queue={queue}
          policy={policy}
          workers={workers}
          adjudicators={adjudicators}
        />
        <ItemLists
          key={list}
          project={slug}
          taskType={scope.project.taskType}
          queue={queue}
          list={list}
          first={first}
          workers={workers.filter(
            person => policy.workerIds === null || policy.workerIds.includes(person.userId),
          )}
          now={new Date().toISOString()}
        />
      </QueueFrame>
    </div>
  )
}
