import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { DatasetForm } from '@/components/dataset/dataset-form'
import { DatasetMore } from '@/components/dataset/dataset-more'
import { count, percent, selectionWords, targetWords } from '@/components/dataset/dataset-words'
import { FreezeButton } from '@/components/dataset/freeze-button'
import { CompareButton, DownloadVersion, VersionSnippets } from '@/components/dataset/version-tools'
import { EmptyState } from '@/components/ui/empty-state'
import { FieldList } from '@/components/ui/field-list'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import type { DatasetDetail } from '@/contract/v1/datasets'
import { formatsFor } from '@/domain/dataset-formats'
import { isAmendError } from '@/domain/errors'
import type { ProjectScope } from '@/server/access'
import { describeDataset } from '@/server/list-datasets'
import { listModels } from '@/server/list-models'
import { requireProjectPage } from '@/server/page-access'
import { readDatasetChoices } from '@/server/read-dataset-choices'
import { taskFacts } from '@/tasks/registry'
import { draftOf } from '../dataset-draft'
import styles from '../datasets.module.css'
import { Card, Checks, FrozenFacts, Provenance, Rows, Shown } from './shown-version'

export const metadata: Metadata = { title: 'Dataset' }

interface Props {
  params: Promise<{ project: string; dataset: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function DatasetPage({ params, searchParams }: Props) {
  const { project: slug, dataset: wanted } = await params
  const given = await searchParams
  const here = `/p/${slug}/datasets/${wanted}`
  const scope = await requireProjectPage(slug, 'datasets.view', here)
  const [dataset, { models }] = await Promise.all([findOr404(scope, wanted), listModels(scope)])
  const modelVersions = models.flatMap(model =>
    model.versions.map(version => ({ id: version.id, label: `${model.name} ${version.version}` })),
  )
  const versionName = (id: string) => modelVersions.find(one => one.id === id)?.label ?? 'another version'
  const frozen = dataset.versions.filter(version => version.state === 'frozen')
  const running = dataset.versions.find(version => version.state === 'freezing') ?? null
  const waiting = dataset.versions.find(version => version.state === 'blocked') ?? null
  const shown = frozen.find(version => String(version.number) === given.v) ?? frozen[0] ?? null
  const file = shown && {
    project: slug,
    dataset: dataset.slug,
    number: shown.number,
    formats: formatsFor(dataset.target, taskFacts(scope.project.taskType) ?? {}).map(one => one.id),
    consumers: dataset.consumers.map(one => one.name),
    rows: shown.splits,
  }
  const mayManage = scope.can('datasets.manage')
  const mayDownload = scope.can('datasets.download')
  const choices = mayManage && given.change !== undefined ? await readDatasetChoices(scope) : null
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title={dataset.name}
          meta={dataset.description || `${targetWords[dataset.target].label}, from this project.`}
          actions={
            <>
              {scope.can('datasets.freeze') && !dataset.archivedAt ? (
                <FreezeButton
                  project={slug}
                  dataset={dataset.slug}
                  running={running}
                  failed={dataset.versions[0]?.state === 'failed' ? dataset.versions[0] : null}
                  primary={shown === null}
                />
              ) : null}
              {frozen.length > 1 ? <CompareButton /> : null}
              {file && mayDownload ? <DownloadVersion {...file} /> : null}
            </>
          }
        />
        {choices ? (
          <DatasetForm
            project={slug}
            initial={draftOf(dataset)}
            versions={modelVersions}
            choices={choices}
            timeZone={scope.project.timeZone}
            changing={{ slug: dataset.slug, name: dataset.name }}
            cancelHref={here}
          />
        ) : null}
        {waiting ? (
          <section className={styles.panel} aria-labelledby="waiting">
            <h2 id="waiting">Version {waiting.number} waits for its checks</h2>
            <p className={styles.note}>
              {count(waiting.rows, 'row')} are made and kept. Mend what blocks and freeze again, or have an
              owner waive it. Once nothing blocks, it goes on from here.
            </p>
            <Checks scope={scope} dataset={dataset} version={waiting} />
          </section>
        ) : null}
        {shown ? <FrozenFacts version={shown} /> : null}
        <div className={styles.columns}>
          <div className={styles.column}>
            {shown ? (
              <Shown scope={scope} dataset={dataset} version={shown} frozen={frozen} given={given} />
            ) : (
              <EmptyState title={running ? 'The first version is being frozen.' : 'Nothing is frozen yet.'}>
                {running
                  ? 'It appears here when it is done; you can leave the page.'
                  : mayManage
                    ? 'Freezing takes what fits now, splits it by group, and keeps it as it is for ever.'
                    : 'A curator freezes versions of this dataset.'}
              </EmptyState>
            )}
          </div>
          <div className={styles.column}>
            {file && mayDownload ? (
              <VersionSnippets {...file} mayMakeKeys={scope.can('keys.manage')} />
            ) : null}
            {shown ? <Provenance version={shown} /> : null}
            {file && mayDownload ? (
              <section className={styles.panel} aria-labelledby="evidence">
                <h2 id="evidence">Evidence</h2>
                <p className={styles.quiet}>
                  Rows, log, consent, splits, checks and card in one archive, checked without this server: npm
                  run amend -- verify {dataset.slug}-v{file.number}.tar
                </p>
                <p>
                  <a
                    href={`/api/v1/projects/${slug}/datasets/${dataset.slug}/versions/${file.number}/archive${consumerQuery(dataset)}`}
                  >
                    Download the archive
                  </a>
                </p>
              </section>
            ) : null}
            {shown ? <Card scope={scope} dataset={dataset} version={shown} /> : null}
            <section className={styles.panel} aria-labelledby="selects">
              <h2 id="selects">What the next version selects</h2>
              <FieldList
                items={[
                  { term: 'True is', value: targetWords[dataset.target].label },
                  {
                    term: 'Rows',
                    value: selectionWords(dataset.target, dataset.selection, versionName).join('; '),
                  },
                  { term: 'Split', value: sharesSentence(dataset.rules.shares) },
                ]}
              />
              {mayManage ? (
                <DatasetMore
                  project={slug}
                  dataset={dataset.slug}
                  archived={dataset.archivedAt !== null}
                  freeze={shown?.actionId ? { actionId: shown.actionId, number: shown.number } : null}
                />
              ) : null}
            </section>
          </div>
        </div>
        {shown ? <Rows scope={scope} dataset={dataset} version={shown} given={given} /> : null}
      </div>
      <StatusLane
        keys={[
          ...(file && mayDownload
            ? [
                { chords: 'd', label: 'download' },
                { chords: 'y', label: 'copy snippet' },
              ]
            : []),
          ...(frozen.length > 1
            ? [
                { chords: 'c', label: 'compare' },
                { chords: ['[', ']'], label: 'previous, next version' },
              ]
            : []),
        ]}
        state={shown ? 'Frozen versions never change.' : 'Nothing is frozen yet'}
      />
    </>
  )
}

async function findOr404(scope: ProjectScope, wanted: string): Promise<DatasetDetail> {
  try {
    return await describeDataset(scope, wanted)
  } catch (error) {
    if (isAmendError(error) && error.code === 'not_found') notFound()
    throw error
  }
}

const sharesSentence = (shares: DatasetDetail['rules']['shares']) =>
  `${percent(shares.train, 1)} train, ${percent(shares.validation, 1)} validation, ${percent(shares.test, 1)} test, by group`

const consumerQuery = ({ consumers }: DatasetDetail) =>
  consumers.length > 1 ? `?consumer=${encodeURIComponent(consumers[0]?.name ?? '')}` : ''
