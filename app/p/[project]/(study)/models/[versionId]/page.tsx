import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { EvaluationTable } from '@/components/evaluation/evaluation-table'
import { StartEvaluation } from '@/components/evaluation/start-evaluation'
import { LogToMlflow } from '@/components/study/log-to-mlflow'
import { VersionCard } from '@/components/study/version-card'
import { EmptyState } from '@/components/ui/empty-state'
import { FieldList } from '@/components/ui/field-list'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { evaluationQuery } from '@/contract/v1/evaluations'
import type { ModelVersion } from '@/contract/v1/models'
import type { MlflowOrigin } from '@/domain/mlflow'
import { perturbationWords } from '@/domain/perturb'
import { parseProjectSettings } from '@/domain/project-settings'
import { listEvaluations } from '@/server/list-evaluations'
import { listModels } from '@/server/list-models'
import { listMeasurable } from '@/server/list-training'
import { requireProjectPage } from '@/server/page-access'
import { runsHere } from '@/server/run-predictions'
import { taskFacts } from '@/tasks/registry'
import styles from '../models.module.css'
import { readCard } from '../read-card'

export const metadata: Metadata = { title: 'Model version' }

interface Props {
  params: Promise<{ project: string; versionId: string }>
}

export default async function VersionPage({ params }: Props) {
  const { project: slug, versionId } = await params
  const scope = await requireProjectPage(slug, 'models.view', `/p/${slug}/models/${versionId}`)
  const { models } = await listModels(scope)
  const model = models.find(one => one.versions.some(version => version.id === versionId))
  const version = model?.versions.find(one => one.id === versionId)
  if (!model || !version) notFound()
  const [{ evaluations }, datasets, here] = await Promise.all([
    listEvaluations(scope, evaluationQuery.parse({ modelVersionId: versionId, limit: 50 })),
    listMeasurable(scope),
    runsHere(model.kind),
  ])
  const facts = taskFacts(scope.project.taskType)
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title={`${model.name} ${version.version}`}
          meta={
            <>
              One version of <Link href={`/p/${slug}/models`}>{model.name}</Link>. It never changes; only its
              stage moves.
            </>
          }
        />
        <section className={styles.model} aria-labelledby="traces">
          <h2 id="traces">Where it comes from</h2>
          <FieldList items={tracesOf(slug, version)} />
          {scope.can('models.manage') && parseProjectSettings(scope.project.settings).mlflow ? (
            <LogToMlflow slug={slug} versionId={versionId} />
          ) : null}
        </section>
        <section className={styles.model} aria-labelledby="evaluations">
          <h2 id="evaluations">Evaluations</h2>
          {scope.can('evaluations.run') && datasets.length > 0 ? (
            <StartEvaluation
              slug={slug}
              versionId={versionId}
              datasets={datasets}
              mayTrain={here && model.kind !== 'http'}
              perturbations={
                model.kind === 'push'
                  ? []
                  : (facts?.perturbations ?? []).map(id => ({ id, label: perturbationWords[id].label }))
              }
            />
          ) : null}
          {evaluations.length > 0 ? (
            <EvaluationTable slug={slug} evaluations={evaluations} />
          ) : (
            <EmptyState title="Not measured here yet.">
              {datasets.length > 0 ? (
                'What its card says was measured elsewhere. Evaluate it on a frozen version to see how it does on this project’s data.'
              ) : (
                <>
                  It is measured on a frozen dataset version; there is none yet.{' '}
                  <Link href={`/p/${slug}/datasets`}>Freeze one first.</Link>
                </>
              )}
            </EmptyState>
          )}
        </section>
        <VersionCard
          open
          model={model.name}
          version={version}
          card={readCard(version.card)}
          rowsHref={scope.can('learning.share') ? `/p/${slug}/learned?version=${version.id}` : undefined}
        />
      </div>
      <StatusLane state={`Stage: ${version.stage}`} />
    </>
  )
}

/** What an import keeps of a version in MLflow, in words. */
function mlflowTraces({ parameters }: ModelVersion) {
  const origin = parameters.mlflow as MlflowOrigin | undefined
  if (!origin) return []
  const metrics = Object.entries(origin.metrics)
  return [
    {
      term: 'MLflow',
      value: (
        <>
          {origin.model} {origin.version} of <code>{origin.server}</code>
          {origin.runId ? (
            <>
              , run <code>{origin.runId}</code>
            </>
          ) : null}
          {origin.commit ? (
            <>
              , commit <code>{origin.commit.slice(0, 12)}</code>
            </>
          ) : null}
        </>
      ),
    },
    ...(metrics.length > 0
      ? [
          {
            term: 'Metrics there',
            value: (
              <>
                <code>{metrics.map(([name, value]) => `${name}: ${value}`).join(', ')}</code>, without rows
                and interval
              </>
            ),
          },
        ]
      : []),
  ]
}

function tracesOf(slug: string, version: ModelVersion) {
  const parameters = Object.entries(version.parameters).filter(([, value]) => typeof value !== 'object')
  const { trainingDataset: trained } = version
  return [
    {
      term: 'Trained on',
      value: trained ? (
        <Link href={`/p/${slug}/datasets/${trained.slug}?v=${trained.version}`}>
          {trained.name}, version {trained.version}
        </Link>
      ) : version.learning === 'memory' ? (
        'what is shared in this project'
      ) : (
        'no dataset version of this project is named'
      ),
    },
    ...mlflowTraces(version),
    { term: 'Code', value: version.codeReference ? <code>{version.codeReference}</code> : 'not said' },
    {
      term: 'Parameters',
      value:
        parameters.length === 0 ? (
          'none'
        ) : (
          <code>{parameters.map(([name, value]) => `${name}: ${value}`).join(', ')}</code>
        ),
    },
  ]
}
