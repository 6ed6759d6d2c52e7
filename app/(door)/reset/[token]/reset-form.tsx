'use client'
import Link from 'next/link'
import { useState } from 'react'
import { useEntry } from '@/components/shell/use-entry'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import type { RedeemResetAnswer } from '@/contract/v1/account'
import styles from '../../door.module.css'
import { NewPasswordField, tooShort } from '../../new-password-field'
import { useRequest } from '../../use-request'

export function ResetForm({ token, email }: { token: string; email: string }) {
  const [password, setPassword] = useState('')
  const { send, ready, busy, errorOf, otherThan } = useRequest()
  const entry = useEntry('/')
  const refusal = otherThan('newPassword')
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={async event => {
        event.preventDefault()
        if (busy || entry.busy || !ready({ newPassword: tooShort(password) })) return
        const answer = await send<RedeemResetAnswer>('POST', '/password-resets/redeem', {
          token,
          newPassword: password,
        })
        if (answer) await entry.begin('credentials', { email: answer.email, password })
      }}
    >
      {/* Tells password managers whose password this is. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <NewPasswordField
        label="New password"
        value={password}
        error={errorOf('newPassword')}
        onChange={setPassword}
      />
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      {entry.words ? (
        <ErrorNote title="Your password is set, but signing in failed.">
          {entry.words} <Link href="/sign-in">Sign in</Link>
        </ErrorNote>
      ) : null}
      <Button type="submit" kind="primary" size="large" wide busy={busy || entry.busy !== null}>
        Set it and sign in
      </Button>
    </form>
  )
}
