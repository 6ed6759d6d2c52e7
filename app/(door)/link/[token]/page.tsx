import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { isAmendError } from '@/domain/errors'
import { lookUpLink } from '@/server/look-up-token'
import styles from '../../door.module.css'
import { UseLink } from './use-link'

export const metadata: Metadata = { title: 'Sign in by link' }

/** Opening the page spends nothing, so that a preview of the link doesn't either; the button does. */
export default async function LinkPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const link = await lookUpLink(token).catch(error => {
    if (isAmendError(error)) return { refused: error.detail }
    throw error
  })
  if ('refused' in link) {
    return (
      <>
        <h1 className="visually-hidden">Sign in by link</h1>
        <EmptyState
          title="This link doesn’t sign anyone in."
          action={<ButtonLink href="/sign-in">Sign in</ButtonLink>}
        >
          {link.refused}
        </EmptyState>
      </>
    )
  }
  if (link.purpose === 'reset') redirect(`/reset/${token}`)
  return (
    <>
      <div className={styles.head}>
        <h1>Welcome, {link.name}</h1>
        <p>This link signs you in once, on this browser.</p>
      </div>
      <UseLink token={token} name={link.name} />
    </>
  )
}
