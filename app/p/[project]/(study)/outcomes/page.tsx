import type { Metadata } from 'next'
import { Anchoring } from '@/components/study/anchoring'
import { OutcomeScoreTable } from '@/components/study/outcome-scores'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { requireProjectPage } from '@/server/page-access'
import { scoreProject } from '@/server/score-outcomes'
import { taskFacts } from '@/tasks/registry'
import styles from './outcomes.module.css'

export const metadata: Metadata = { title: 'Outcomes' }

export default async function OutcomesPage({ params }: { params: Promise<{ project: string }> }) {
  const { project: slug } = await params
  const scope = await requireProjectPage(slug, 'feedback.view', `/p/${slug}/outcomes`)
  const facts = taskFacts(scope.project.taskType)
  const scores = await scoreProject(scope)
  const all = scores.scores[0]
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title="Outcomes"
          meta={
            facts?.hasOutcomes
              ? `${scores.known.toLocaleString('en')} known, ${scores.corrected.toLocaleString('en')} of them corrected since. ${scores.simulated ? 'Simulated decisions count here, since this is the demo.' : 'Simulated rows stay out.'}`
              : `Items of ${facts?.label ?? 'this task'} have no outcome that becomes known by itself.`
          }
        />
        {!facts?.hasOutcomes ? (
          <EmptyState title="Nothing comes true by itself here.">
            What is right about these items is settled by people, in review.
          </EmptyState>
        ) : scores.known === 0 ? (
          <EmptyState
            title="No outcome is known yet."
            action={
              scope.can('items.import') ? (
                <ButtonLink href={`/p/${slug}/import`}>Bring a file</ButtonLink>
              ) : null
            }
          >
            Send them as they become known, <code>POST /api/v1/projects/{slug}/outcomes</code>, or as a CSV
            with a time and a number.
          </EmptyState>
        ) : (
          <>
            <section className={styles.section} aria-labelledby="right">
              <h2 id="right">Who was right</h2>
              <p className={styles.lead}>
                Model and person on the same rows: the forecast was in view, the person decided, then the
                outcome arrived. Below zero the person was nearer.
              </p>
              <OutcomeScoreTable scores={scores.scores} />
            </section>
            <section className={styles.section} aria-labelledby="anchoring">
              <h2 id="anchoring">What seeing a forecast does</h2>
              <Anchoring found={scores.anchoring} />
            </section>
          </>
        )}
      </div>
      <StatusLane
        state={all && all.n > 0 ? `${all.n.toLocaleString('en')} decisions scored` : 'Nothing scored yet'}
      />
    </>
  )
}
