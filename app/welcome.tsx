import Link from 'next/link'
import { ButtonLink } from '@/components/ui/button'
import { Logo } from '@/components/ui/logo'
import type { Role } from '@/domain/permission'
import styles from './first-page.module.css'
import { Legend } from './legend'
import { sampleSlug, TryCards, type WayToTry, waysToTry } from './try-cards'
import { EnterDemo } from './welcome-demo'

/** As whom somebody without an account comes in. */
const demoPeople = {
  use: 'contributor',
  review: 'annotator',
  study: 'curator',
} satisfies Record<WayToTry['way'], Role>

/** What Amend is, and the ways in. With a demo on this machine: three cards that open it. */
export function Welcome({ demo: demoRoles }: { demo: readonly Role[] }) {
  const demo = Object.values(demoPeople).every(role => demoRoles.includes(role))
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <Link href="/" className={styles.home} aria-label="Amend, first page">
          <Logo />
        </Link>
        <span className={styles.ways}>
          {demo ? <span className={styles.hideNarrow}>Sample project, no account needed</span> : null}
          <Link href="/sign-in">Sign in</Link>
        </span>
      </header>
      <main id="content" tabIndex={-1} className={styles.main}>
        {demo ? (
          <>
            <h1 className={styles.display}>What would you like to try?</h1>
            <p className={styles.lead}>
              A model suggests, a person decides, and every decision can be taken back. Everything here is
              sample data.
            </p>
            <TryCards
              ways={waysToTry}
              enter={({ way, page, label }) => (
                <EnterDemo
                  as={demoPeople[way]}
                  href={`/p/${sampleSlug}/${page}`}
                  label={label}
                  primary={way === 'use'}
                />
              )}
            />
            <p className={styles.own}>
              You have items of your own? <Link href="/new">Make a project with them</Link>. It takes a
              sign-in.
            </p>
          </>
        ) : (
          <div className={styles.words}>
            <h1 className={styles.display}>A model suggests, a person decides.</h1>
            <p className={styles.lead}>
              Amend remembers what was shown and what was said, and every decision can be taken back. It turns
              that into data that a model can honestly be trained and tested on. Then it says whether the next
              model may go live.
            </p>
            <ButtonLink href="/sign-in" kind="primary" size="large">
              Sign in
            </ButtonLink>
          </div>
        )}
      </main>
      <Legend />
    </div>
  )
}
