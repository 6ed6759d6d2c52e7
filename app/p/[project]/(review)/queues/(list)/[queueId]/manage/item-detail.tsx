'use client'
import Link from 'next/link'
import { Suspense, useCallback, useEffect, useState } from 'react'
import { SaidOfIt } from '@/components/review/disagreements'
import styles from '@/components/review/forms.module.css'
import { strategyName } from '@/components/review/rule-words'
import { ErrorNote } from '@/components/ui/error-note'
import { FieldList } from '@/components/ui/field-list'
import { RelativeTime } from '@/components/ui/relative-time'
import { Skeleton } from '@/components/ui/skeleton'
import { viewerOf } from '@/components/workbench/evidence'
import type { QueueItemDetail } from '@/contract/v1/queue-acts'
import { percent } from '@/domain/percent'
import { createClient } from '@/sdk/client'

const client = createClient()

interface Props {
  project: string
  taskType: string
  queueId: string
  entryId: string
  itemId: string
}

/** The item itself, fetched when it is opened; once it is finished, with what everyone answered. */
export function ItemDetail({ project, taskType, queueId, entryId, itemId }: Props) {
  const [detail, setDetail] = useState<QueueItemDetail | 'failed' | null>(null)
  const load = useCallback(async () => {
    setDetail(null)
    const path = `/projects/${project}/queues/${queueId}/items/${entryId}`
    setDetail(await client.request<QueueItemDetail>('GET', path).catch(() => 'failed' as const))
  }, [project, queueId, entryId])
  useEffect(() => void load(), [load])
  if (detail === null) return <Skeleton lines={['100%', '80%', '60%']} />
  if (detail === 'failed') return <ErrorNote title="The item did not load." onRetry={() => void load()} />
  const Viewer = viewerOf(taskType)
  return (
    <div className={styles.detail}>
      {detail.payload === null ? (
        <p>What it showed was erased.</p>
      ) : (
        <Suspense fallback={<Skeleton lines={['100%', '80%', '60%']} />}>
          <Viewer payload={detail.payload} mediaBase={`/api/v1/projects/${project}/media`} />
        </Suspense>
      )}
      {detail.suggestions.length > 0 ? (
        <ol className={styles.suggested} aria-label="Suggestions">
          {detail.suggestions.map((text, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two suggestions may say the same; their place tells them apart.
            <li key={at} dir="auto">
              {text}
            </li>
          ))}
        </ol>
      ) : null}
      {detail.answers.length > 0 ? (
        <SaidOfIt answers={detail.answers} resolution={detail.resolution} />
      ) : null}
      <Selected selection={detail.selection} />
      <Link href={`/p/${project}/feedback?item=${itemId}`} prefetch={false}>
        Open in feedback
      </Link>
    </div>
  )
}

/** What was written down when the item was selected: enough to draw it again, and to weigh what it says. */
function Selected({ selection }: Pick<QueueItemDetail, 'selection'>) {
  const { at, strategy, part, poolSize, rank, inclusionProbability, seed, model } = selection
  return (
    <section aria-label="How it was selected">
      <FieldList
        items={[
          {
            term: 'Selected by',
            value: `${strategyName(strategy)}${part === null ? '' : `, part ${part + 1} of the mix`}`,
          },
          { term: 'Place', value: `${rank} of those taken, from a pool of ${poolSize}` },
          {
            term: 'Inclusion probability',
            value:
              inclusionProbability === null
                ? 'none: it was chosen by hand'
                : probability(inclusionProbability),
          },
          { term: 'Seed', value: seed === null ? 'none: nothing was drawn' : <code>{seed}</code> },
          { term: 'Model', value: model ?? 'none had suggested anything' },
          { term: 'When', value: <RelativeTime at={at} show="full" /> },
        ]}
      />
    </section>
  )
}

/** To four figures, as exports have it; a draw of everything is said in words. */
const probability = (value: number) =>
  value === 1 ? `1, or ${percent(1)}` : String(Number(value.toPrecision(4)))
