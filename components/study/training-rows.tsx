import type { TrainingRowPage } from '@/contract/v1/learning'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './learned.module.css'

/** What one trained version learned from, row by row, and what it dropped since. */
export function TrainingRows({ slug, page }: { slug: string; page: TrainingRowPage }) {
  const { version, rows, nextAfter } = page
  return (
    <section aria-labelledby="training-rows">
      <h2 id="training-rows">
        What {version.name} {version.version} learned from
      </h2>
      <Table caption={`Training rows of ${version.version}`}>
        <thead>
          <tr>
            <Th tight numeric>
              Row
            </Th>
            <Th>For</Th>
            <Th>Says</Th>
            <Th>From</Th>
            <Th>Dropped</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Tr key={row.number}>
              <Td tight numeric>
                {row.number}
              </Td>
              <Td className={styles.input}>{row.media ? 'A photo' : (row.input ?? 'erased')}</Td>
              <Td className={styles.input}>{row.text ?? 'erased'}</Td>
              <Td>{row.from === 'shared' ? 'shared' : 'dataset'}</Td>
              <Td>{row.withdrawnAt ? <RelativeTime at={row.withdrawnAt} show="full" /> : 'no'}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {nextAfter === null ? null : (
        <a href={`/p/${slug}/learned?version=${version.id}&after=${nextAfter}`}>More rows</a>
      )}
    </section>
  )
}
