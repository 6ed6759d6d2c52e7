import { PageHeader } from '@/components/ui/page-header'
import { Skeleton } from '@/components/ui/skeleton'
import styles from './models.module.css'

/** The dimensions of the cards that are coming. */
export default function ModelsLoading() {
  return (
    <div className={styles.main}>
      <PageHeader title="Models" meta="Versions, where they stand and how good they were found to be." />
      <Skeleton lines={['100%', '100%']} lineHeight="3.5rem" />
    </div>
  )
}
