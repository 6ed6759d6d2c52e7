'use client'
import type { Role } from '@/domain/permission'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import styles from './demo-entry.module.css'
import { useEntry } from './use-entry'

const words: Record<Role, string> = {
  owner: 'Owner',
  curator: 'Curator',
  annotator: 'Annotator',
  contributor: 'Contributor',
  viewer: 'Viewer',
}

/** One button for each person of the sample project. */
export function DemoEntry({ roles, go }: { roles: readonly Role[]; go: string }) {
  const { begin, busy, words: refused } = useEntry(go)
  return (
    <>
      <div className={styles.roles}>
        {roles.map(role => (
          <Button key={role} busy={busy === role} onClick={() => void begin('demo', { role })}>
            {words[role]}
          </Button>
        ))}
      </div>
      {refused ? <ErrorNote title={refused} /> : null}
    </>
  )
}
