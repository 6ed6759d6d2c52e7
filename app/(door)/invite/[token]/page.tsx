import type { Metadata } from 'next'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { FieldList } from '@/components/ui/field-list'
import { RelativeTime } from '@/components/ui/relative-time'
import { isAmendError } from '@/domain/errors'
import { lookUpInvite } from '@/server/look-up-token'
import { currentPerson } from '@/server/page-access'
import styles from '../../door.module.css'
import { JoinAs, JoinAsNew } from './join-forms'

export const metadata: Metadata = { title: 'Invitation' }

export default async function InvitePage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const invite = await lookUpInvite(token).catch(error => {
    if (isAmendError(error)) return { refused: error.detail }
    throw error
  })
  if ('refused' in invite) {
    return (
      <>
        <h1 className="visually-hidden">Invitation</h1>
        <EmptyState
          title="This invitation is closed."
          action={<ButtonLink href="/sign-in">Sign in</ButtonLink>}
        >
          {invite.refused}
        </EmptyState>
      </>
    )
  }
  const person = await currentPerson()
  return (
    <>
      <div className={styles.head}>
        <h1>Join {invite.project.name}</h1>
        <p>{invite.invitedBy ? `${invite.invitedBy} invites you.` : 'You are invited.'}</p>
      </div>
      <FieldList
        items={[
          { term: 'Role', value: invite.role },
          { term: 'What it does', value: invite.roleMeans },
          ...(invite.email ? [{ term: 'Only for', value: invite.email }] : []),
          { term: 'Open until', value: <RelativeTime at={invite.expiresAt} show="full" /> },
        ]}
      />
      {person ? (
        <JoinAs token={token} name={person.name} email={person.email} />
      ) : (
        <JoinAsNew token={token} email={invite.email} />
      )}
    </>
  )
}
