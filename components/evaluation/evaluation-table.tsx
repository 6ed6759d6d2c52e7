import Link from 'next/link'
import type { Evaluation } from '@/contract/v1/evaluations'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './evaluation.module.css'
import { intervalWords, metricValue, splitWords, versionName } from './evaluation-words'

const stateWords = { running: 'under way', failed: 'failed', cancelled: 'cancelled' } as const

/** Evaluations, newest first, each by its first metric. */
export function EvaluationTable({ slug, evaluations }: { slug: string; evaluations: readonly Evaluation[] }) {
  return (
    <Table caption="Evaluations, newest first">
      <thead>
        <tr>
          <Th>Version</Th>
          <Th>On</Th>
          <Th numeric>First metric</Th>
          <Th tight numeric>
            Rows
          </Th>
          <Th tight>When</Th>
        </tr>
      </thead>
      <tbody>
        {evaluations.map(evaluation => {
          const metric = evaluation.report?.metrics[0]
          const estimate = evaluation.report?.overall[0]
          return (
            <Tr key={evaluation.id}>
              <Td className={styles.wide}>
                <Link href={`/p/${slug}/models/evaluations/${evaluation.id}`}>{versionName(evaluation)}</Link>
              </Td>
              <Td className={styles.wide}>
                {evaluation.dataset.name}, version {evaluation.dataset.version}
                <span className={styles.how}>
                  {splitWords[evaluation.split]}
                  {evaluation.kind === 'cross-validation' ? ', cross-validated' : ''}
                </span>
              </Td>
              <Td numeric>
                {metric && evaluation.state === 'done' ? (
                  <>
                    {metric.label}: {metricValue(metric, estimate?.value ?? null)}
                    <span className={styles.how}>{intervalWords(metric, estimate)}</span>
                  </>
                ) : (
                  stateWords[evaluation.state as keyof typeof stateWords]
                )}
              </Td>
              <Td tight numeric>
                {evaluation.report?.counts.rows ?? evaluation.job?.total ?? '–'}
              </Td>
              <Td tight>
                <RelativeTime at={evaluation.doneAt ?? evaluation.createdAt} />
              </Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}
