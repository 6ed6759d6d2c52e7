'use client'
import { useEntry } from '@/components/shell/use-entry'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import styles from '../../door.module.css'

export function UseLink({ token, name }: { token: string; name: string }) {
  const { begin, busy, words } = useEntry('/')
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault()
        if (!busy) void begin('link', { token })
      }}
    >
      {words ? <ErrorNote title={words} /> : null}
      <Button type="submit" kind="primary" size="large" wide busy={busy !== null}>
        Sign in as {name}
      </Button>
    </form>
  )
}
