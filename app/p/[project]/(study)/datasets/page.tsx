import { Plus } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { makeDatasetHref } from '@/components/dataset/dataset-address'
import { DatasetForm } from '@/components/dataset/dataset-form'
import {
  count,
  overtakenWords,
  selectionWords,
  statesSentence,
  targetWords,
} from '@/components/dataset/dataset-words'
import { SplitBar } from '@/components/dataset/split-bar'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { RelativeTime } from '@/components/ui/relative-time'
import { StatusLane } from '@/components/ui/status-lane'
import type { DatasetSummary } from '@/contract/v1/datasets'
import { listDatasets } from '@/server/list-datasets'
import { listModels } from '@/server/list-models'
import { requireProjectPage } from '@/server/page-access'
import { readDatasetChoices } from '@/server/read-dataset-choices'
import { draftFromFilter } from './dataset-draft'
import styles from './datasets.module.css'

export const metadata: Metadata = { title: 'Datasets' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function DatasetsPage({ params, searchParams }: Props) {
  const { project: slug } = await params
  const given = await searchParams
  const here = `/p/${slug}/datasets`
  const scope = await requireProjectPage(slug, 'datasets.view', here)
  const [{ datasets }, { models }] = await Promise.all([listDatasets(scope), listModels(scope)])
  const versions = models.flatMap(model =>
    model.versions.map(version => ({ id: version.id, label: `${model.name} ${version.version}` })),
  )
  const versionName = (id: string) => versions.find(version => version.id === id)?.label ?? 'another version'
  const mayManage = scope.can('datasets.manage')
  const making = mayManage && given.make !== undefined
  const choices = making ? await readDatasetChoices(scope) : null
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title="Datasets"
          meta="Saved selections of what people said. What is frozen of them never changes."
          actions={
            mayManage && !making ? (
              <ButtonLink kind="primary" icon={<Plus />} href={makeDatasetHref(slug)}>
                New dataset
              </ButtonLink>
            ) : null
          }
        />
        {choices ? (
          <DatasetForm
            key={JSON.stringify(given)}
            project={slug}
            initial={draftFromFilter(given)}
            versions={versions}
            choices={choices}
            timeZone={scope.project.timeZone}
            cancelHref={here}
          />
        ) : null}
        {datasets.length > 0 ? (
          <ul className={styles.list}>
            {datasets.map(dataset => (
              <DatasetCard key={dataset.id} slug={slug} dataset={dataset} versionName={versionName} />
            ))}
          </ul>
        ) : making ? null : (
          <EmptyState
            title="No dataset yet."
            action={
              mayManage ? (
                <ButtonLink href={`/p/${slug}/feedback`}>Choose from the feedback</ButtonLink>
              ) : null
            }
          >
            {mayManage
              ? 'Save a selection here, or filter the feedback and save what is left. Then freeze a version of it.'
              : 'A curator saves selections and freezes versions of them.'}
          </EmptyState>
        )}
      </div>
      <StatusLane state={count(datasets.length, 'dataset')} />
    </>
  )
}

function DatasetCard({
  slug,
  dataset,
  versionName,
}: {
  slug: string
  dataset: DatasetSummary
  versionName: (id: string) => string
}) {
  const { newest } = dataset
  return (
    <li className={styles.card} data-archived={dataset.archivedAt !== null || undefined}>
      <div className={styles.head}>
        <h2>
          <Link href={`/p/${slug}/datasets/${dataset.slug}`}>{dataset.name}</Link>
        </h2>
        {dataset.archivedAt ? <span className={styles.chip}>Archived</span> : null}
        {dataset.freezing ? <span className={styles.chip}>A version is being frozen</span> : null}
      </div>
      {dataset.description ? <p className={styles.words}>{dataset.description}</p> : null}
      <p className={styles.quiet}>
        {targetWords[dataset.target].label}:{' '}
        {selectionWords(dataset.target, dataset.selection, versionName).join('; ')}
      </p>
      {newest ? (
        <>
          <p className={styles.newest}>
            <strong>v{newest.number}</strong> {count(newest.rows, 'row')}, {statesSentence(newest.states)},
            frozen <RelativeTime at={newest.frozenAt ?? newest.createdAt} show="full" />
          </p>
          <SplitBar counts={newest.splits} />
          {newest.overtakenReason ? (
            <p className={styles.caution}>{overtakenWords[newest.overtakenReason]}</p>
          ) : null}
        </>
      ) : (
        <p className={styles.quiet}>Nothing is frozen yet.</p>
      )}
    </li>
  )
}
