'use client'
import { PageFailed, type PageFailedProps } from '@/components/shell/page-failed'

export default function StudyError(failed: Pick<PageFailedProps, 'error' | 'reset'>) {
  return <PageFailed {...failed} title="This page failed to open. The feedback is safe." />
}
