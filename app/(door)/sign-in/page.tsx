import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { DemoEntry } from '@/components/shell/demo-entry'
import { currentPerson } from '@/server/page-access'
import { demoRoles } from '@/server/sign-in'
import styles from '../door.module.css'
import { nextAddress } from '../next-address'
import { SignInForm } from './sign-in-form'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[]; as?: string | string[] }>
}) {
  const { next, as } = await searchParams
  const go = nextAddress(next)
  if (await currentPerson()) redirect(go)
  const roles = await demoRoles(await headers())
  return (
    <>
      <div className={styles.head}>
        <h1>Sign in</h1>
        {go === '/' ? null : <p>Then you go on to the page you asked for.</p>}
      </div>
      <SignInForm go={go} email={typeof as === 'string' ? as : ''} />
      {roles.length > 0 ? (
        <section className={styles.section} aria-labelledby="demo">
          <h2 id="demo">Sample project</h2>
          <p>No account needed on this machine. Come in as any of its people.</p>
          <DemoEntry roles={roles} go={go} />
        </section>
      ) : null}
    </>
  )
}
