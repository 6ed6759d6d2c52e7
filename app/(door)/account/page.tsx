import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { describeMe } from '@/server/describe-me'
import { listSessions } from '@/server/list-sessions'
import { currentPerson } from '@/server/page-access'
import styles from '../door.module.css'
import { DetailsForm, PasswordForm, SessionsPart } from './account-forms'

export const metadata: Metadata = { title: 'Account' }

export default async function AccountPage() {
  const person = await currentPerson()
  if (!person) redirect('/sign-in?next=/account')
  const [me, sessions] = await Promise.all([describeMe(person), listSessions(person)])
  return (
    <>
      <div className={styles.head}>
        <h1>{me.placeholder ? 'Make this account yours' : 'Account'}</h1>
        {me.placeholder ? (
          <p>
            You came in by a link. Give a name, an e-mail and a password, then you can sign in without one.
          </p>
        ) : me.demo ? (
          <p>{me.name} belongs to the sample project. Its people stay as they are.</p>
        ) : (
          <p>{me.email}</p>
        )}
      </div>
      {me.demo ? null : (
        <>
          <DetailsForm me={me} />
          <PasswordForm hasPassword={me.hasPassword} email={me.email} />
        </>
      )}
      <SessionsPart sessions={sessions} />
    </>
  )
}
