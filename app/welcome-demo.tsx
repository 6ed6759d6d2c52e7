'use client'
import { useEntry } from '@/components/shell/use-entry'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import type { Role } from '@/domain/permission'
import styles from './first-page.module.css'

export interface EnterDemoProps {
  as: Role
  /** Where the button leads. */
  href: string
  label: string
  primary?: boolean
}

/** Signs in as a person of the sample project and opens one of its pages. */
export function EnterDemo({ as, href, label, primary }: EnterDemoProps) {
  const { begin, busy, words } = useEntry(href)
  return (
    <div className={styles.enter}>
      <Button
        kind={primary ? 'primary' : 'secondary'}
        size="large"
        busy={busy !== null}
        onClick={() => void begin('demo', { role: as })}
      >
        {label}
      </Button>
      {words ? <ErrorNote title={words} /> : null}
    </div>
  )
}
