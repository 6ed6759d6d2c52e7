import { PageHeader } from '@/components/ui/page-header'
import { Skeleton } from '@/components/ui/skeleton'
import styles from './datasets.module.css'

/** The dimensions of the cards that are coming. */
export default function DatasetsLoading() {
  return (
    <div className={styles.main}>
      <PageHeader
        title="Datasets"
        meta="Saved selections of what people said. What is frozen of them never changes."
      />
      <Skeleton lines={['100%', '100%']} lineHeight="7rem" />
    </div>
  )
}
