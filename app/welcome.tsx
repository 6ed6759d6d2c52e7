import { CircleDashed, PenLine, Undo2 } from 'lucide-react'
import Link from 'next/link'
import { ButtonLink } from '@/components/ui/button'
import { DecisionBadge } from '@/components/ui/decision-badge'
import { Keycap } from '@/components/ui/keycap'
import { Logo } from '@/components/ui/logo'
import { WordDiff } from '@/components/ui/word-diff'
import type { Role } from '@/domain/permission'
import styles from './first-page.module.css'
import { EnterDemo } from './welcome-demo'
import { TryReplies } from './welcome-replies'

/** What Amend is, and the ways in. With a demo on this machine: two cards that open it. */
export function Welcome({ demo: demoRoles }: { demo: readonly Role[] }) {
  const demo = demoRoles.includes('contributor') && demoRoles.includes('curator')
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
            <div className={styles.cards}>
              <section className={styles.card} aria-labelledby="use">
                <h2 id="use">Use it</h2>
                <p className={styles.who}>as the person who gets the suggestions</p>
                <TryReplies />
                <p className={styles.task}>Choose a reply, then undo it. This card is live.</p>
                <EnterDemo as="contributor" page="inbox" label="Open the inbox" primary />
              </section>
              <section className={styles.card} aria-labelledby="study">
                <h2 id="study">Study it</h2>
                <p className={styles.who}>as the data scientist behind the model</p>
                <ul className={styles.sketch} aria-label="What a row looks like">
                  <li>
                    <DecisionBadge decision="corrected" />
                    <WordDiff
                      before="Wednesday at ten is fine."
                      after="Wednesday at half past ten is fine."
                    />
                  </li>
                  <li>
                    <DecisionBadge decision="accepted" />
                    <span>Thanks, picked them up.</span>
                  </li>
                  <li>
                    <DecisionBadge decision="undone" />
                    <s>Sorry, I can’t make Saturday.</s>
                  </li>
                  <li>
                    <DecisionBadge decision="guardrail" />
                    <span>No suggestion for this one.</span>
                  </li>
                </ul>
                <p className={styles.task}>
                  See what people did with each suggestion, download the corrections.
                </p>
                <EnterDemo as="curator" page="feedback" label="Explore feedback" />
              </section>
            </div>
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
      <footer className={styles.legend}>
        <span>
          <CircleDashed aria-hidden /> Dashed means a model proposed it
        </span>
        <span>
          <PenLine aria-hidden className={styles.blue} /> Blue means a person wrote it
        </span>
        <span>
          <Undo2 aria-hidden /> Undo is always <Keycap chord="z" />
        </span>
      </footer>
    </div>
  )
}
