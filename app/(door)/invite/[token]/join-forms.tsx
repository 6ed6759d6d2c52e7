'use client'
import Link from 'next/link'
import { useState } from 'react'
import { leave } from '@/components/shell/auth-requests'
import { useEntry } from '@/components/shell/use-entry'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { TextField } from '@/components/ui/text-field'
import type { AcceptInviteAnswer } from '@/contract/v1/account'
import styles from '../../door.module.css'
import { NewPasswordField, tooShort } from '../../new-password-field'
import { useRequest } from '../../use-request'

/** Joins as whoever is signed in. */
export function JoinAs({ token, name, email }: { token: string; name: string; email: string }) {
  const { send, busy, otherThan } = useRequest()
  const refusal = otherThan()
  return (
    <form
      className={styles.form}
      onSubmit={async event => {
        event.preventDefault()
        if (busy) return
        const answer = await send<AcceptInviteAnswer>('POST', '/invites/accept', { token })
        if (answer) location.assign(`/p/${answer.project.slug}`)
      }}
    >
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <Button type="submit" kind="primary" size="large" wide busy={busy}>
        Join as {name}
      </Button>
      <div className={styles.actions}>
        <span>You are signed in as {email}.</span>
        <Button kind="quiet" size="small" onClick={() => void leave()}>
          Sign out
        </Button>
      </div>
    </form>
  )
}

/** Makes the account, joins, and signs in with it. */
export function JoinAsNew({ token, email: bound }: { token: string; email: string | null }) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState(bound ?? '')
  const [password, setPassword] = useState('')
  const { send, ready, busy, errorOf, otherThan } = useRequest()
  const entry = useEntry('/')
  const refusal = otherThan('name', 'email', 'password')
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={async event => {
        event.preventDefault()
        if (busy || entry.busy) return
        const filled = ready({
          name: !name.trim() && 'Enter your name.',
          email: !email.trim() && 'Enter your e-mail address.',
          password: tooShort(password),
        })
        if (!filled) return
        const answer = await send<AcceptInviteAnswer>('POST', '/invites/accept', {
          token,
          name: name.trim(),
          email: email.trim(),
          password,
        })
        if (answer) {
          await entry.begin('credentials', { email: answer.email, password }, `/p/${answer.project.slug}`)
        }
      }}
    >
      <TextField
        label="Your name"
        autoComplete="name"
        required
        maxLength={100}
        value={name}
        error={errorOf('name')}
        onChange={event => setName(event.target.value)}
      />
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        value={email}
        readOnly={bound !== null}
        hint={bound ? 'The invitation is for this address.' : undefined}
        error={errorOf('email')}
        onChange={event => setEmail(event.target.value)}
      />
      <NewPasswordField value={password} error={errorOf('password')} onChange={setPassword} />
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      {entry.words ? (
        <ErrorNote title="Your account is made, but signing in failed.">
          {entry.words} <Link href="/sign-in">Sign in</Link>
        </ErrorNote>
      ) : null}
      <Button type="submit" kind="primary" size="large" wide busy={busy || entry.busy !== null}>
        Make my account and join
      </Button>
      <p>
        You have an account here?{' '}
        <Link href={`/sign-in?next=/invite/${encodeURIComponent(token)}`}>Sign in</Link>
      </p>
    </form>
  )
}
