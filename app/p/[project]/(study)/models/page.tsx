import { GitCompareArrows } from 'lucide-react'
import type { Metadata } from 'next'
import { EvaluationTable } from '@/components/evaluation/evaluation-table'
import { BringModels } from '@/components/study/bring-models'
import { GateSection } from '@/components/study/gate-section'
import { Retraining } from '@/components/study/retraining'
import { RollBackButton } from '@/components/study/roll-back-button'
import { ServingPanel } from '@/components/study/serving-panel'
import { StageActions } from '@/components/study/stage-actions'
import { TrainVersion } from '@/components/study/train-version'
import { VersionCard } from '@/components/study/version-card'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { evaluationQuery } from '@/contract/v1/evaluations'
import type { ModelVersion } from '@/contract/v1/models'
import { firstGateRules } from '@/domain/gates'
import { parseProjectSettings } from '@/domain/project-settings'
import { describeServing } from '@/server/describe-serving'
import { listEvaluations } from '@/server/list-evaluations'
import { listGateResults, listGates } from '@/server/list-gates'
import { listModels } from '@/server/list-models'
import { listTraining } from '@/server/list-training'
import { requireProjectPage } from '@/server/page-access'
import { listRetraining } from '@/server/retraining-plan'
import { loadTaskType } from '@/tasks/registry'
import styles from './models.module.css'
import { readCard } from './read-card'

export const metadata: Metadata = { title: 'Models' }

export default async function ModelsPage({ params }: { params: Promise<{ project: string }> }) {
  const { project: slug } = await params
  const scope = await requireProjectPage(slug, 'models.view', `/p/${slug}/models`)
  const [{ models }, serving, { gates }, { results }, task, { evaluations }] = await Promise.all([
    listModels(scope),
    describeServing(scope),
    listGates(scope),
    listGateResults(scope),
    loadTaskType(scope.project.taskType),
    listEvaluations(scope, evaluationQuery.parse({ limit: 12 })),
  ])
  const named = models.flatMap(model =>
    model.versions.map(version => ({ name: `${model.name} ${version.version}`, version })),
  )
  const live = named.find(entry => entry.version.stage === 'live')
  // What is on trial comes next, else the newest that may: the key for promoting opens it.
  const next =
    named.find(entry => entry.version.stage === 'canary') ??
    named
      .filter(
        ({ version }) => ['candidate', 'shadow'].includes(version.stage) && version.outOfServiceAt === null,
      )
      .sort((a, b) => b.version.createdAt.localeCompare(a.version.createdAt))[0]
  const metrics = (task.metrics?.all ?? []).map(({ id, label }) => ({ id, label }))
  const firstMetric = task.metrics?.all[0]
  const trial = serving.canary ? ({ kind: 'trial', name: serving.canary.name } as const) : null
  const earlier = serving.earlier ? ({ kind: 'live', name: serving.earlier.name } as const) : null
  const mayManage = scope.can('models.manage')
  const [training, retraining] = mayManage
    ? await Promise.all([listTraining(scope), listRetraining(scope)])
    : [null, null]
  const actionsFor = (name: string, version: ModelVersion) =>
    mayManage ? (
      <StageActions
        slug={slug}
        versionId={version.id}
        name={name}
        stage={version.stage}
        share={version.canaryShare}
        takesKey={version.id === next?.version.id}
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
              ? 'Stages change at once and can be undone.'
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
            then push its predictions. One that answers over HTTP is connected here.
          </EmptyState>
        ) : null}
        {mayManage ? (
          <BringModels
            slug={slug}
            models={models.filter(one => one.kind === 'http').map(({ id, name }) => ({ id, name }))}
            example={JSON.stringify(task.table?.example ?? {}, null, 2)}
            mlflow={parseProjectSettings(scope.project.settings).mlflow}
            mayConnect={scope.can('settings.manage')}
          />
        ) : null}
        {models.length > 0 ? (
          <ServingPanel
            status={serving}
            actions={
              scope.can('models.promote') ? <RollBackButton slug={slug} back={trial ?? earlier} /> : undefined
            }
          />
        ) : null}
        {models.length > 0 && firstMetric ? (
          <GateSection
            slug={slug}
            gates={gates}
            results={results}
            metrics={metrics}
            first={firstGateRules(firstMetric)}
            versions={named
              .filter(({ version }) => !['live', 'retired'].includes(version.stage))
              .map(({ name, version }) => ({ id: version.id, name }))}
            may={{
              manage: scope.can('gates.manage'),
              judge: scope.can('gates.judge'),
              waive: scope.can('models.promote'),
            }}
          />
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
                fromOutcomes={training.fromOutcomes}
              />
            ) : null}
            {retraining && training ? (
              <Retraining
                slug={slug}
                model={{ id: model.id, name: model.name, builtIn: training.builtIn.has(model.kind) }}
                plan={retraining.plans.find(plan => plan.modelId === model.id) ?? null}
                datasets={training.reachable}
                gates={gates.map(gate => ({ slug: gate.slug, name: gate.name }))}
                timeZone={scope.project.timeZone}
                mayPromote={scope.can('models.promote')}
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
      <StatusLane
        keys={[
          ...(next && scope.can('models.promote') ? [{ chords: 'p', label: 'promote' }] : []),
          ...((trial ?? earlier) && scope.can('models.promote') ? [{ chords: 'b', label: 'roll back' }] : []),
        ]}
        state={live ? `Live: ${live.name}` : 'Nothing is live'}
      />
    </>
  )
}
