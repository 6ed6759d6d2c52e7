import { PageHeader } from '@/components/ui/page-header'
import { Skeleton } from '@/components/ui/skeleton'
import styles from './learned.module.css'

/** The dimensions of the lists that are coming. */
export default function LearnedLoading() {
  return (
    <div className={styles.main}>
      <PageHeader
        title="Learned"
        meta="What people taught is suggested to themselves at once. To others only what you share here, or what three people wrote the same."
      />
      <Skeleton lines={['100%', '100%']} lineHeight="7rem" />
    </div>
  )
}
