import type { Metadata } from 'next'
import styles from '@/components/review/forms.module.css'
import { PageHeader } from '@/components/ui/page-header'
import { pagePermissions } from '@/domain/page-permission'
import { listPeopleWho } from '@/server/assign-items'
import { listModels } from '@/server/list-models'
import { requireProjectPage } from '@/server/page-access'
import { answerKindOf } from '@/tasks/registry'
import { QueueBuilder } from './queue-builder'

export const metadata: Metadata = { title: 'New queue' }

export default async function NewQueuePage({ params }: { params: Promise<{ project: string }> }) {
  const slug = (await params).project
  const scope = await requireProjectPage(slug, pagePermissions['queues/new'], `/p/${slug}/queues/new`)
  const [workers, adjudicators, { models }] = await Promise.all([
    listPeopleWho(scope, 'queues.work'),
    listPeopleWho(scope, 'queues.adjudicate'),
    listModels(scope),
  ])
  const versions = models.flatMap(model =>
    model.versions.map(version => ({ id: version.id, label: `${model.name} ${version.version}` })),
  )
  return (
    <div className={styles.page}>
      <PageHeader title="New queue" meta="A name and a rule are enough; the rest has a usual value." />
      <QueueBuilder
        project={slug}
        answers={answerKindOf(scope.project.taskType)}
        workers={workers}
        adjudicators={adjudicators}
        versions={versions}
      />
    </div>
  )
}
