import type { ReactNode } from 'react'
import styles from './field-list.module.css'

export interface FieldListProps {
  items: { term: string; value: ReactNode }[]
}

/** Facts as term and value. */
export function FieldList({ items }: FieldListProps) {
  return (
    <dl className={styles.list}>
      {items.map(({ term, value }) => (
        <div key={term} className={styles.row}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
