'use client'
import { PageFailed, type PageFailedProps } from '@/components/shell/page-failed'

export default function AdjudicateError(failed: Pick<PageFailedProps, 'error' | 'reset'>) {
  return <PageFailed {...failed} title="The page failed to open. What you settled is safe." />
}
