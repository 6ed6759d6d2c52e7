'use client'
import { PageFailed, type PageFailedProps } from '@/components/shell/page-failed'

export default function SpecificationError(failed: Pick<PageFailedProps, 'error' | 'reset'>) {
  return <PageFailed {...failed} title="The guideline failed to open. Nothing was changed." />
}
