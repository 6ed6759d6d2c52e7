import type { Metadata } from 'next'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { isAmendError } from '@/domain/errors'
import { lookUpLink } from '@/server/look-up-token'
import styles from '../../door.module.css'
import { ResetForm } from './reset-form'

export const metadata: Metadata = { title: 'New password' }

export default async function ResetPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const link = await lookUpLink(token).catch(error => {
    if (isAmendError(error)) return { refused: error.detail }
    throw error
  })
  if ('refused' in link || link.purpose !== 'reset') {
    return (
      <>
        <h1 className="visually-hidden">New password</h1>
        <EmptyState
          title="This link sets no password."
          action={<ButtonLink href="/sign-in">Sign in</ButtonLink>}
        >
          {'refused' in link ? link.refused : 'It is for signing in. Ask an owner for a reset link.'}
        </EmptyState>
      </>
    )
  }
  return (
    <>
      <div className={styles.head}>
        <h1>New password</h1>
        <p>For {link.email}. Every browser that is signed in with the old one is signed out.</p>
      </div>
      <ResetForm token={token} email={link.email} />
    </>
  )
}
