'use client'
import { useState } from 'react'
import { useEntry } from '@/components/shell/use-entry'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { TextField } from '@/components/ui/text-field'
import styles from '../door.module.css'

export function SignInForm({ go, email: known }: { go: string; email: string }) {
  const [email, setEmail] = useState(known)
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({})
  const { begin, busy, words, secondsLeft } = useEntry(go)
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={event => {
        event.preventDefault()
        const lacks = {
          ...(email.trim() ? {} : { email: 'Enter your e-mail address.' }),
          ...(password ? {} : { password: 'Enter your password.' }),
        }
        setMissing(lacks)
        if (Object.keys(lacks).length > 0 || secondsLeft > 0 || busy) return
        void begin('credentials', { email: email.trim(), password })
      }}
    >
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={email}
        error={missing.email}
        onChange={event => setEmail(event.target.value)}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        error={missing.password}
        onChange={event => setPassword(event.target.value)}
      />
      {words ? (
        <ErrorNote title={words}>{secondsLeft > 0 ? <Wait seconds={secondsLeft} /> : null}</ErrorNote>
      ) : null}
      <Button
        type="submit"
        kind="primary"
        size="large"
        wide
        busy={busy === 'credentials'}
        disabledReason={secondsLeft > 0 && 'You can try again when the wait is over.'}
      >
        Sign in
      </Button>
    </form>
  )
}

/** Counts down in sight; only its start is announced. */
function Wait({ seconds }: { seconds: number }) {
  return (
    <span role="timer" aria-live="off">
      Try again in {seconds} s.
    </span>
  )
}
