'use client'
import { PageFailed, type PageFailedProps } from '@/components/shell/page-failed'

export default function QueuesError(failed: Pick<PageFailedProps, 'error' | 'reset'>) {
  return <PageFailed {...failed} title="The queues failed to open. What was answered is safe." />
}
