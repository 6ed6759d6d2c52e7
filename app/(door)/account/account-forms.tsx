'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { leave } from '@/components/shell/auth-requests'
import { Button } from '@/components/ui/button'
import { ConfirmInline } from '@/components/ui/confirm-inline'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { TextField } from '@/components/ui/text-field'
import type { Me, SessionList, SetPasswordAnswer } from '@/contract/v1/account'
import styles from '../door.module.css'
import { NewPasswordField, tooShort } from '../new-password-field'
import { useRequest } from '../use-request'

function Saved({ words }: { words: string | null }) {
  return (
    <span role="status" className={styles.saved}>
      {words}
    </span>
  )
}

export function DetailsForm({ me }: { me: Me }) {
  const router = useRouter()
  const [name, setName] = useState(me.placeholder ? '' : me.name)
  const [email, setEmail] = useState(me.placeholder ? '' : me.email)
  const [currentPassword, setCurrentPassword] = useState('')
  const [saved, setSaved] = useState<string | null>(null)
  const { send, ready, busy, errorOf, otherThan } = useRequest()
  const emailChanges = email.trim() !== me.email
  const refusal = otherThan('name', 'email', 'currentPassword')
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setSaved(null)
    const filled = ready({
      name: !name.trim() && 'Enter your name.',
      email: !email.trim() && 'Enter your e-mail address.',
      currentPassword: emailChanges && me.hasPassword && !currentPassword && 'Enter your current password.',
    })
    if (!filled) return
    const answer = await send('PATCH', '/me', {
      name: name.trim(),
      ...(emailChanges ? { email: email.trim() } : {}),
      ...(currentPassword ? { currentPassword } : {}),
    })
    if (!answer) return
    setCurrentPassword('')
    setSaved('Saved.')
    router.refresh()
  }
  return (
    <section className={styles.section} aria-labelledby="details">
      <h2 id="details">Name and e-mail</h2>
      <form className={styles.form} noValidate onSubmit={save}>
        <TextField
          label="Name"
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
          autoComplete="email"
          required
          value={email}
          error={errorOf('email')}
          onChange={event => setEmail(event.target.value)}
        />
        {emailChanges && me.hasPassword ? (
          <TextField
            label="Current password"
            note="For the new e-mail"
            type="password"
            autoComplete="current-password"
            required
            value={currentPassword}
            error={errorOf('currentPassword')}
            onChange={event => setCurrentPassword(event.target.value)}
          />
        ) : null}
        {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
        <div className={styles.actions}>
          <Button type="submit" busy={busy}>
            Save
          </Button>
          <Saved words={saved} />
        </div>
      </form>
    </section>
  )
}

export function PasswordForm({ hasPassword, email }: { hasPassword: boolean; email: string }) {
  const router = useRouter()
  const [currentPassword, setCurrentPassword] = useState('')
  const [newPassword, setNewPassword] = useState('')
  const [saved, setSaved] = useState<string | null>(null)
  const { send, ready, busy, errorOf, otherThan } = useRequest()
  const refusal = otherThan('currentPassword', 'newPassword')
  const save = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setSaved(null)
    const filled = ready({
      currentPassword: hasPassword && !currentPassword && 'Enter your current password.',
      newPassword: tooShort(newPassword),
    })
    if (!filled) return
    const answer = await send<SetPasswordAnswer>('PUT', '/account/password', {
      newPassword,
      ...(hasPassword ? { currentPassword } : {}),
    })
    if (!answer) return
    setCurrentPassword('')
    setNewPassword('')
    const others = answer.sessionsEnded
    setSaved(
      others > 0
        ? `Saved. ${others} other ${others === 1 ? 'browser is' : 'browsers are'} signed out.`
        : 'Saved.',
    )
    router.refresh()
  }
  return (
    <section className={styles.section} aria-labelledby="password">
      <h2 id="password">{hasPassword ? 'Change the password' : 'Set a password'}</h2>
      <p>Every other browser that is signed in as you is signed out.</p>
      <form className={styles.form} noValidate onSubmit={save}>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        {hasPassword ? (
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            required
            value={currentPassword}
            error={errorOf('currentPassword')}
            onChange={event => setCurrentPassword(event.target.value)}
          />
        ) : null}
        <NewPasswordField
          label="New password"
          value={newPassword}
          error={errorOf('newPassword')}
          onChange={setNewPassword}
        />
        {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
        <div className={styles.actions}>
          <Button type="submit" busy={busy}>
            {hasPassword ? 'Change password' : 'Set password'}
          </Button>
          <Saved words={saved} />
        </div>
      </form>
    </section>
  )
}

/** Names the browser and system from what the browser called itself; the whole string tells nobody anything. */
function browserName(userAgent: string | null): string {
  if (!userAgent) return 'Unknown browser'
  const browser =
    [
      ['Edg/', 'Edge'],
      ['Firefox/', 'Firefox'],
      ['Chrome/', 'Chrome'],
      ['Safari/', 'Safari'],
    ].find(([mark]) => userAgent.includes(mark ?? ''))?.[1] ?? 'A browser'
  const system = [
    ['Android', 'Android'],
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Mac OS X', 'macOS'],
    ['Windows', 'Windows'],
    ['Linux', 'Linux'],
  ].find(([mark]) => userAgent.includes(mark ?? ''))?.[1]
  return system ? `${browser} on ${system}` : browser
}

export function SessionsPart({ sessions }: { sessions: SessionList['sessions'] }) {
  const router = useRouter()
  const { send, busy, otherThan } = useRequest()
  const refusal = otherThan()
  const others = sessions.filter(session => !session.current)
  return (
    <section className={styles.section} aria-labelledby="sessions">
      <h2 id="sessions">Signed in</h2>
      <ul className={styles.sessions}>
        {sessions.map(session => (
          <li key={session.id} className={styles.session}>
            <span>
              {browserName(session.userAgent)}
              {session.current ? ', this one' : ''}
            </span>
            <span className={styles.quietLine}>
              Since <RelativeTime at={session.createdAt} show="full" />, last seen{' '}
              <RelativeTime at={session.lastSeenAt} show="full" />
            </span>
            {session.current ? null : (
              <Button
                kind="quiet"
                size="small"
                busy={busy}
                onClick={async () => {
                  if (await send('DELETE', `/account/sessions/${session.id}`)) router.refresh()
                }}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <div className={styles.actions}>
        {others.length > 0 ? (
          <ConfirmInline
            label="Sign out everywhere else"
            kind="secondary"
            question={`Sign out ${others.length} other ${others.length === 1 ? 'browser' : 'browsers'}?`}
            confirmLabel="Sign them out"
            onConfirm={async () => {
              if (await send('DELETE', '/account/sessions')) router.refresh()
            }}
          />
        ) : null}
        <Button kind="quiet" busy={busy} onClick={() => void leave()}>
          Sign out here
        </Button>
      </div>
    </section>
  )
}
