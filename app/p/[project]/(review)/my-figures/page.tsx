import type { Metadata } from 'next'
import { Estimate } from '@/components/review/estimate'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { RelativeTime } from '@/components/ui/relative-time'
import { StatusLane } from '@/components/ui/status-lane'
import type { MyFigures } from '@/contract/v1/figures'
import { pagePermissions } from '@/domain/page-permission'
import { requireProjectPage } from '@/server/page-access'
import { myFigures } from '@/server/queue-figures'
import styles from './my-figures.module.css'

export const metadata: Metadata = { title: 'My figures' }

export default async function MyFiguresPage({ params }: { params: Promise<{ project: string }> }) {
  const { project: slug } = await params
  const scope = await requireProjectPage(slug, pagePermissions['my-figures'], `/p/${slug}/my-figures`)
  const { items, verdicts, activeMinutes, activeDefinition, gold, enough, missed } = await myFigures(scope)
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="My figures"
          meta="What you did in review, for you to learn from. Nobody is ranked."
        />
        <dl className={styles.figures}>
          <div>
            <dt>Items answered</dt>
            <dd>{items}</dd>
          </div>
          <div>
            <dt>Good, usable, wrong</dt>
            <dd>
              {verdicts.good}, {verdicts.usable}, {verdicts.wrong}
            </dd>
          </div>
          <div>
            <dt>Active minutes</dt>
            <dd>{activeMinutes}</dd>
          </div>
          <div>
            <dt>Known answers you had right</dt>
            <dd>
              <Estimate of={gold} enough={enough} />
            </dd>
          </div>
        </dl>
        <p className={styles.quiet}>
          {activeDefinition} Known answers are those of items whose truth a curator had set. They count here a
          day after you answered.
        </p>
        <section className={styles.part} aria-labelledby="missed">
          <h2 id="missed">To learn from</h2>
          {missed.length === 0 ? (
            <EmptyState title="Nothing here.">
              Items with a known answer that you judged differently appear a day later, with the reason.
            </EmptyState>
          ) : (
            <ul className={styles.list}>
              {missed.map(one => (
                <Missed key={`${one.title} ${one.at}`} one={one} />
              ))}
            </ul>
          )}
        </section>
      </div>
      <StatusLane state={items === 1 ? '1 item answered' : `${items} items answered`} />
    </>
  )
}

const verdictWords = { good: 'Good', usable: 'Usable', wrong: 'Wrong' }

function Missed({ one }: { one: MyFigures['missed'][number] }) {
  return (
    <li>
      <h3 dir="auto">{one.title || 'An item that was erased'}</h3>
      <p className={styles.quiet}>
        {one.queue}, <RelativeTime at={one.at} show="full" />
      </p>
      <ul>
        {one.candidates.map(({ candidateId, text }) => {
          const expected = one.expected.find(verdict => verdict.candidateId === candidateId)
          const yours = one.yours.find(verdict => verdict.candidateId === candidateId)
          return (
            <li key={candidateId}>
              <q dir="auto">{text}</q>{' '}
              <span className={styles.said}>
                You: {yours ? verdictWords[yours.verdict] : 'not judged'}. Known:{' '}
                {expected ? verdictWords[expected.verdict] : 'unknown'}.
              </span>
            </li>
          )
        })}
      </ul>
      {one.texts.length > 0 ? <p dir="auto">Acceptable: {one.texts.join(' / ')}</p> : null}
      {one.explanation ? <p dir="auto">{one.explanation}</p> : null}
    </li>
  )
}
