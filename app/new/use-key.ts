'use client'
import { useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import type { MadeKey } from '@/contract/v1/people'

const keyDays = 365

/** A write key that is made on a press and told once. */
export function useKey(project: string, name: string) {
  const { run, tell, busy, refusal } = useChange(project)
  const [key, setKey] = useState<string | null>(null)
  return {
    key,
    busy: busy !== null,
    refusal,
    async make() {
      const made = await run<MadeKey>('key', 'POST', `/projects/${project}/keys`, {
        name,
        scope: 'write',
        expiresInDays: keyDays,
      })
      if (!made) return
      setKey(made.key)
      tell('Key made.', made.actionId, 'Undone. The key is revoked.')
    },
  }
}
