import { GitCompareArrows } from 'lucide-react'
import type { Metadata } from 'next'
import { EvaluationTable } from '@/components/evaluation/evaluation-table'
import { StageActions } from '@/components/study/stage-actions'
import { TrainVersion } from '@/components/study/train-version'
import { VersionCard } from '@/components/study/version-card'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { evaluationQuery } from '@/contract/v1/evaluations'
import type { ModelVersion } from '@/contract/v1/models'
import { listEvaluations } from '@/server/list-evaluations'
import { listModels } from '@/server/list-models'
import { listTraining } from '@/server/list-training'
import { requireProjectPage } from '@/server/page-access'
import styles from './models.module.css'
import { readCard } from './read-card'

export const metadata: Metadata = { title: 'Models' }

export default async function ModelsPage({ params }: { params: Promise<{ project: string }> }) {
  const { project: slug } = await params
  const scope = await requireProjectPage(slug, 'models.view', `/p/${slug}/models`)
  const [{ models }, { evaluations }] = await Promise.all([
    listModels(scope),
    listEvaluations(scope, evaluationQuery.parse({ limit: 12 })),
  ])
  const named = models.flatMap(model =>
    model.versions.map(version => ({ name: `${model.name} ${version.version}`, version })),
  )
  const live = named.find(entry => entry.version.stage === 'live')
  const mayManage = scope.can('models.manage')
  const training = mayManage ? await listTraining(scope) : null
  const actionsFor = (name: string, version: ModelVersion) =>
    mayManage ? (
      <StageActions
        slug={slug}
        versionId={version.id}
        name={name}
        stage={version.stage}
        liveName={live && live.version.id !== version.id ? live.name : null}
        outOfService={
          version.outOfServiceAt === null
            ? null
            : (version.outOfServiceReason ?? 'what it learned from was erased.')
        }
        mayPromote={scope.can('models.promote')}
      />
    ) : null
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title="Models"
          meta={
            live
              ? `${live.name} answers everyone. Stages change at once and can be undone.`
              : 'No version is live, so everyone writes without suggestions.'
          }
          actions={
            evaluations.filter(one => one.state === 'done').length > 1 ? (
              <ButtonLink href={`/p/${slug}/models/compare`} icon={<GitCompareArrows />}>
                Compare
              </ButtonLink>
            ) : null
          }
        />
        {models.length === 0 ? (
          <EmptyState title="No model is registered.">
            Register your own over the API: <code>POST /api/v1/projects/{slug}/models</code>, then a version,
            then push its predictions.
          </EmptyState>
        ) : null}
        {models.map(model => (
          <section key={model.id} className={styles.model} aria-labelledby={`model-${model.id}`}>
            <div className={styles.head}>
              <h2 id={`model-${model.id}`}>{model.name}</h2>
              <span>
                {model.kind === 'push'
                  ? 'Your own; you push its predictions'
                  : model.kind === 'http'
                    ? 'Your own; asked over HTTP'
                    : 'Built in; predicts on this server'}
              </span>
            </div>
            {training && model.kind !== 'push' && model.kind !== 'http' ? (
              <TrainVersion
                slug={slug}
                modelId={model.id}
                runningJobId={training.running.get(model.id) ?? null}
                datasets={training.datasets}
              />
            ) : null}
            {model.versions.length === 0 ? (
              <p className={styles.quiet}>
                No version yet. Register one:{' '}
                <code>
                  POST /api/v1/projects/{slug}/models/{model.id}/versions
                </code>
              </p>
            ) : null}
            {model.versions.map(version => (
              <VersionCard
                key={version.id}
                model={model.name}
                version={version}
                card={readCard(version.card)}
                href={`/p/${slug}/models/${version.id}`}
                rowsHref={
                  scope.can('learning.share') ? `/p/${slug}/learned?version=${version.id}` : undefined
                }
                actions={actionsFor(`${model.name} ${version.version}`, version)}
              />
            ))}
          </section>
        ))}
        {evaluations.length > 0 ? (
          <section className={styles.model} aria-labelledby="measured">
            <div className={styles.head}>
              <h2 id="measured">Evaluations</h2>
              <span>Versions measured on frozen dataset versions.</span>
            </div>
            <EvaluationTable slug={slug} evaluations={evaluations} />
          </section>
        ) : null}
      </div>
      <StatusLane state={live ? `Live: ${live.name}` : 'Nothing is live'} />
    </>
  )
}
