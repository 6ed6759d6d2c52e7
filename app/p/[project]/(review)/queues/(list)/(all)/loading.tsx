import { PageHeader } from '@/components/ui/page-header'
import { Skeleton } from '@/components/ui/skeleton'
import styles from '../queues.module.css'

/** The dimensions of the list that is coming. */
export default function QueuesLoading() {
  return (
    <div className={styles.page}>
      <PageHeader
        title="Review"
        meta="Items that wait for a person’s verdict, by the rule that selected them."
      />
      <Skeleton lines={['100%', '100%', '100%']} lineHeight="6rem" />
    </div>
  )
}
