'use client'
import { Info } from 'lucide-react'
import { useState } from 'react'
import type { Notice } from '@/contract/v1/notices'
import { createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import styles from './notice-bar.module.css'

const client = createClient()

/** Says once what changed of who makes suggestions. Reading it here is reading it everywhere. */
export function NoticeBar({ project, notice }: { project: string; notice: Notice }) {
  const [read, setRead] = useState(false)
  if (read) return null
  const close = () => {
    setRead(true)
    // Told again the next time where this gets lost.
    void client.request('POST', `/projects/${project}/notices/${notice.id}/read`).catch(() => {})
  }
  return (
    <aside className={styles.bar} aria-label="What changed">
      <Info aria-hidden />
      <p>
        <strong>{notice.title}</strong> {notice.detail}
      </p>
      <Button kind="quiet" size="small" onClick={close}>
        Got it
      </Button>
    </aside>
  )
}
