import { Download } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { WeeklyLine, weekInWords } from '@/components/charts/weekly-line'
import styles from '@/components/review/agreement.module.css'
import { AgreementFigures, AgreementLabels, AgreementPairs } from '@/components/review/agreement-figures'
import { Disagreements } from '@/components/review/disagreements'
import { QueueFrame } from '@/components/review/queue-frame'
import { EmptyState } from '@/components/ui/empty-state'
import { StatusLane } from '@/components/ui/status-lane'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { agreementQuery } from '@/contract/v1/agreement'
import { uuid } from '@/contract/v1/common'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import { findQueue } from '@/server/find-queue'
import { findWorkSpecification } from '@/server/find-specification'
import { requireProjectPage } from '@/server/page-access'
import { readAgreement } from '@/server/read-agreement'

export const metadata: Metadata = { title: 'Agreement' }

interface Props {
  params: Promise<{ project: string; queueId: string }>
  searchParams: Promise<{ week?: string | string[] }>
}

export default async function AgreementPage({ params, searchParams }: Props) {
  const { project: slug, queueId } = await params
  const scope = await requireProjectPage(
    slug,
    pagePermissions['queues/[queueId]/agreement'],
    `/p/${slug}/queues/${queueId}/agreement`,
  )
  if (!uuid.safeParse(queueId).success) notFound()
  // What is no week lists every one.
  const { week } = agreementQuery.safeParse({ week: (await searchParams).week }).data ?? {}
  const [queue, view, { words }] = await Promise.all([
    findQueue(scope, queueId),
    readAgreement(scope, queueId, { week }),
    findWorkSpecification(scope.projectId),
  ]).catch(error => {
    if (isAmendError(error) && error.code === 'not_found') notFound()
    throw error
  })
  const here = `/p/${slug}/queues/${queue.id}/agreement`
  const csv = `/api/v1/projects/${scope.project.slug}/queues/${queue.id}/agreement.csv`
  return (
    <>
      <div className={styles.page}>
        <QueueFrame
          project={slug}
          queue={queue}
          current="agreement"
          meta="How far people agree, and where not."
        >
          {view.items === 0 ? (
            <EmptyState title="No item has two answers yet.">
              {queue.overlap < 2
                ? 'In this queue one person judges each item. Agreement needs an overlap of two or more.'
                : 'Agreement is told as soon as two people have judged the same suggestion.'}
            </EmptyState>
          ) : (
            <>
              <section className={styles.section} aria-labelledby="figures">
                <h2 id="figures">Together</h2>
                <AgreementFigures view={view} />
                <p className={styles.quiet}>
                  {view.cut
                    ? `Of the latest ${view.window.toLocaleString('en')} answers. `
                    : 'Of all answers. '}
                  {view.simulated > 0
                    ? `${view.simulated} of them are of simulated annotators, since this is a demo. `
                    : ''}
                  <a href={csv} download>
                    <Download aria-hidden size={14} /> All coefficients as CSV
                  </a>
                </p>
              </section>
              <section className={styles.section} aria-labelledby="weeks">
                <h2 id="weeks">Over time</h2>
                <WeeklyLine
                  title="α by week"
                  label="α nominal"
                  counted="Items"
                  fewest={view.fewest}
                  hrefOf={one => `${here}?week=${one}#items`}
                  lines={[
                    { at: 0.8, label: 'good from 0.80' },
                    { at: 0.667, label: 'tentative from 0.667' },
                  ]}
                  points={view.weeks.map(({ week, items, nominal: { value, interval } }) => ({
                    week,
                    n: items,
                    value,
                    low: interval?.low ?? null,
                    high: interval?.high ?? null,
                  }))}
                />
              </section>
              <section className={styles.section} aria-labelledby="labels">
                <h2 id="labels">By verdict</h2>
                <AgreementLabels view={view} />
              </section>
              {view.pairs.length > 0 ? (
                <section className={styles.section} aria-labelledby="pairs">
                  <h2 id="pairs">By pair</h2>
                  <p className={styles.quiet}>
                    Raw agreement, Cohen’s κ, and the suggestions that both judged. No ranking: two people
                    differ also where both are right.
                  </p>
                  <AgreementPairs view={view} />
                </section>
              ) : null}
              <section className={styles.section} aria-labelledby="items">
                <h2 id="items">Items that disagree most</h2>
                {week ? (
                  <p className={styles.quiet}>
                    Of the week from {weekInWords(week)}.{' '}
                    <Link href={`${here}#items`} prefetch={false}>
                      Of every week
                    </Link>
                  </p>
                ) : null}
                {view.disagreements.length === 0 ? (
                  <p className={styles.quiet}>Every pair of verdicts is equal.</p>
                ) : (
                  <Disagreements
                    project={slug}
                    queueId={queue.id}
                    entries={view.disagreements}
                    mayAdjudicate={scope.can('queues.adjudicate')}
                    maySend={scope.can('queues.manage')}
                  />
                )}
              </section>
              {view.reasons.length > 0 ? (
                <section className={styles.section} aria-labelledby="reasons">
                  <h2 id="reasons">Reasons given</h2>
                  <Table caption="Reasons given">
                    <thead>
                      <tr>
                        <Th>Reason</Th>
                        <Th numeric>Given</Th>
                      </tr>
                    </thead>
                    <tbody>
                      {view.reasons.map(({ code, given }) => (
                        <Tr key={code}>
                          <Td>{words[code] ?? code}</Td>
                          <Td numeric>{given}</Td>
                        </Tr>
                      ))}
                    </tbody>
                  </Table>
                </section>
              ) : null}
            </>
          )}
        </QueueFrame>
      </div>
      <StatusLane
        state={
          view.items === 1
            ? '1 item with two answers or more'
            : `${view.items} items with two answers or more`
        }
      />
    </>
  )
}
