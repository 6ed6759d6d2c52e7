'use client'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { SelectField } from '@/components/ui/select-field'
import { TextField } from '@/components/ui/text-field'
import type { MadeInvite } from '@/contract/v1/people'
import type { Role } from '@/domain/permission'
import styles from '../project.module.css'
import { ShownOnce } from '../shown-once'

const lives = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
]

export function InviteForm({
  project,
  meanings,
  aside = false,
}: {
  project: string
  meanings: { role: Role; means: string }[]
  /** Something else is the page's main act. */
  aside?: boolean
}) {
  const [role, setRole] = useState<Role>('contributor')
  const [email, setEmail] = useState('')
  const [days, setDays] = useState('7')
  const [made, setMade] = useState<{ link: string; role: Role } | null>(null)
  const { run, tell, busy, refusal, errorOf } = useChange(project)

  async function make(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    const answer = await run<MadeInvite>('make', 'POST', `/projects/${project}/invites`, {
      role,
      ...(email.trim() ? { email: email.trim() } : {}),
      expiresInDays: Number(days),
    })
    if (!answer) return
    setMade({ link: `${location.origin}${answer.path}`, role })
    setEmail('')
    tell(`Invite as ${role} made.`, answer.actionId, 'Undone. The link no longer works.')
  }

  return (
    <>
      <form className={styles.form} onSubmit={make} noValidate>
        <div className={styles.line}>
          <SelectField
            label="Role"
            value={role}
            options={meanings
              .map(({ role }) => ({ value: role, label: role.charAt(0).toUpperCase() + role.slice(1) }))
              .reverse()}
            onChange={event => setRole(event.target.value as Role)}
          />
          <TextField
            className={styles.grow}
            label="Only for this e-mail"
            note="Optional"
            type="email"
            autoComplete="off"
            value={email}
            error={errorOf('email')}
            onChange={event => setEmail(event.target.value)}
          />
          <SelectField
            label="Works for"
            value={days}
            options={lives}
            onChange={event => setDays(event.target.value)}
          />
        </div>
        <p className={styles.lead} aria-live="polite">
          {meanings.find(meaning => meaning.role === role)?.means}
        </p>
        {refusal && refusal.field !== 'email' ? (
          <ErrorNote title={refusal.detail} code={refusal.code} />
        ) : null}
        <div className={styles.actions}>
          <Button type="submit" kind={aside ? 'secondary' : 'primary'} busy={busy === 'make'}>
            Make an invite link
          </Button>
        </div>
      </form>
      {made ? (
        <ShownOnce key={made.link}>
          <CopyField
            label={`Invite link, ${made.role}`}
            value={made.link}
            hint="Shown once. Whoever opens it first can join; hand it over in private."
          />
        </ShownOnce>
      ) : null}
    </>
  )
}
