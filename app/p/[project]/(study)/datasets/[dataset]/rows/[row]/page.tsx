import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { RowLineageView } from '@/components/dataset/row-lineage'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import type { RowLineage } from '@/contract/v1/lineage'
import { isAmendError } from '@/domain/errors'
import type { ProjectScope } from '@/server/access'
import { requireProjectPage } from '@/server/page-access'
import { readRowLineage } from '@/server/read-row-lineage'
import styles from '../../../datasets.module.css'

export const metadata: Metadata = { title: 'Row' }

interface Props {
  params: Promise<{ project: string; dataset: string; row: string }>
  searchParams: Promise<{ v?: string | string[] }>
}

/** Where one row of a frozen version came from, and where it went. */
export default async function RowPage({ params, searchParams }: Props) {
  const { project: slug, dataset, row } = await params
  const { v } = await searchParams
  const wanted = typeof v === 'string' ? v : 'latest'
  const here = `/p/${slug}/datasets/${dataset}`
  const scope = await requireProjectPage(slug, 'datasets.view', `${here}/rows/${row}?v=${wanted}`)
  const lineage = await findOr404(scope, dataset, wanted, row)
  const { of } = lineage
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title={`Row ${lineage.row.number}`}
          meta={
            <>
              of{' '}
              <Link href={`${here}?v=${of.number}`}>
                {of.name} v{of.number}
              </Link>
              , from who said it to what learned from it
            </>
          }
        />
        <RowLineageView lineage={lineage} project={slug} />
      </div>
      <StatusLane keys={[]} state="Frozen versions never change." />
    </>
  )
}

async function findOr404(
  scope: ProjectScope,
  dataset: string,
  version: string,
  row: string,
): Promise<RowLineage> {
  if (!/^\d{1,9}$/.test(row)) notFound()
  try {
    return await readRowLineage(scope, dataset, version, Number(row))
  } catch (error) {
    if (isAmendError(error) && (error.code === 'not_found' || error.code === 'conflict')) notFound()
    throw error
  }
}
