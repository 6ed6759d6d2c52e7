import { PageHeader } from '@/components/ui/page-header'
import { Skeleton } from '@/components/ui/skeleton'
import styles from './feedback.module.css'

/** The dimensions of the table that is coming. */
export default function FeedbackLoading() {
  return (
    <div className={styles.main}>
      <PageHeader
        title="Feedback"
        meta="Every suggestion that was shown or held back, and what people did with it."
      />
      <Skeleton lines={['60%', ...Array.from({ length: 10 }, () => '100%')]} lineHeight="2.5rem" />
    </div>
  )
}
