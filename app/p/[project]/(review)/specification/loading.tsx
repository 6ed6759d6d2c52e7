import { PageHeader } from '@/components/ui/page-header'
import { Skeleton } from '@/components/ui/skeleton'
import styles from './specification.module.css'

/** The dimensions of the guideline that is coming. */
export default function SpecificationLoading() {
  return (
    <div className={styles.page}>
      <PageHeader title="Guideline" meta="What everybody judges by." />
      <Skeleton lines={['60%', '90%', '80%', '70%']} lineHeight="1.75rem" />
    </div>
  )
}
