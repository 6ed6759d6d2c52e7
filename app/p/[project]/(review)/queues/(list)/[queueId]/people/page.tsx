import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { IntervalPlot, type PlottedInterval } from '@/components/charts/interval-plot'
import { Estimate } from '@/components/review/estimate'
import { QueueFrame } from '@/components/review/queue-frame'
import { EmptyState } from '@/components/ui/empty-state'
import { StatusLane } from '@/components/ui/status-lane'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { BiasBlock, PersonFigures } from '@/contract/v1/figures'
import { activeDefinition } from '@/domain/active-time'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import { requireProjectPage } from '@/server/page-access'
import { queueFigures } from '@/server/queue-figures'
import styles from './people.module.css'
import { Waive } from './waive'

export const metadata: Metadata = { title: 'People and bias' }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Props {
  params: Promise<{ project: string; queueId: string }>
}

export default async function PeoplePage({ params }: Props) {
  const { project: slug, queueId } = await params
  const scope = await requireProjectPage(
    slug,
    pagePermissions['queues/[queueId]/people'],
    `/p/${slug}/queues/${queueId}/people`,
  )
  if (!uuid.test(queueId)) notFound()
  const figures = await queueFigures(scope, queueId).catch(error => {
    if (isAmendError(error) && error.code === 'not_found') notFound()
    throw error
  })
  const { queue, people, bias, enough, simulated } = figures
  return (
    <>
      <div className={styles.page}>
        <QueueFrame project={slug} queue={queue} current="people">
          <section className={styles.part} aria-labelledby="people">
            <h2 id="people">People</h2>
            <p className={styles.quiet}>
              In the order of their pseudonyms, not a ranking. {activeDefinition}
              {simulated ? ' This is a demo: simulated annotators count.' : ''}{' '}
              <a href={`/api/v1/projects/${slug}/review/days.csv`} download>
                Work per person and day as CSV
              </a>
            </p>
            {people.length === 0 ? (
              <EmptyState title="Nobody has answered here yet.">
                Figures appear with the first answers.
              </EmptyState>
            ) : (
              <PeopleTable {...{ slug, queueId, people, enough }} />
            )}
          </section>
          <section className={styles.part} aria-labelledby="bias">
            <h2 id="bias">Leaning on suggestions</h2>
            <Bias bias={bias} enough={enough} />
          </section>
        </QueueFrame>
      </div>
      <StatusLane state={people.length === 1 ? '1 person' : `${people.length} people`} />
    </>
  )
}

const practiceWords = {
  none: 'not begun',
  running: 'running',
  failed: 'failed',
  passed: 'passed',
  waived: 'waived',
}

function PeopleTable({
  slug,
  queueId,
  people,
  enough,
}: {
  slug: string
  queueId: string
  people: PersonFigures[]
  enough: number
}) {
  return (
    <Table caption="What each person did in this queue">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th tight>Items</Th>
          <Th>Good, usable, wrong</Th>
          <Th>Gold right</Th>
          <Th>Wrong ones caught</Th>
          <Th tight>Median time</Th>
          <Th>Practice</Th>
        </tr>
      </thead>
      <tbody>
        {people.map(person => (
          <Tr key={person.pseudonym}>
            <Td>
              <span dir="auto">{person.name ?? person.pseudonym}</span>
              <span className={styles.under}>
                {person.name ? person.pseudonym : ''}
                {person.simulated ? ' simulated' : ''}
              </span>
            </Td>
            <Td tight>{person.items}</Td>
            <Td>
              {person.verdicts.good}, {person.verdicts.usable}, {person.verdicts.wrong}
            </Td>
            <Td>
              <Estimate of={person.gold} enough={enough} />
            </Td>
            <Td>
              <Estimate of={person.caught} enough={enough} />
            </Td>
            <Td tight>
              {person.medianActiveMs === null ? 'unknown' : `${Math.round(person.medianActiveMs / 1000)} s`}
            </Td>
            <Td>
              {person.practice ? (
                <>
                  {practiceWords[person.practice.state]}
                  {person.practice.of > 0 && person.practice.round > 0
                    ? `: ${person.practice.right} right of ${person.practice.judged}, round ${person.practice.round}`
                    : ''}
                  {person.practice.state === 'passed' || person.practice.state === 'waived' ? null : (
                    <Waive
                      project={slug}
                      queueId={queueId}
                      pseudonym={person.pseudonym}
                      name={person.name ?? person.pseudonym}
                    />
                  )}
                </>
              ) : (
                'none asked for'
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

const figureWords: {
  key: keyof Omit<BiasBlock, 'definition' | 'difference' | 'overRelianceDifference'>
  label: string
  means: string
}[] = [
  { key: 'shown', label: 'Agree, shown', means: 'of answers given with the suggestion in sight' },
  { key: 'blind', label: 'Agree, blind', means: 'of answers locked before it was seen' },
  { key: 'overReliance', label: 'Over-reliance', means: 'called good although known to be wrong (gold)' },
  {
    key: 'underReliance',
    label: 'Under-reliance',
    means: 'not called good although known to be good (gold)',
  },
  { key: 'switched', label: 'Gave way', means: 'right blind answers given up for a wrong suggestion' },
  { key: 'caught', label: 'Caught', means: 'known-wrong suggestions that were not called good' },
]

function Bias({ bias, enough }: { bias: BiasBlock; enough: number }) {
  const rows = figureWords.flatMap(({ key, label }): PlottedInterval[] => {
    const share = bias[key]
    return share
      ? [{ label, value: share.value, low: share.low, high: share.high, few: share.n < enough }]
      : []
  })
  const n = Math.min(bias.shown?.n ?? 0, bias.blind?.n ?? 0)
  return (
    <>
      <p>
        {bias.difference && n >= enough ? (
          <>
            Automation bias: <strong>{points(bias.difference.value)} points</strong> [
            {points(bias.difference.low)}, {points(bias.difference.high)}], n = {bias.shown?.n} shown and{' '}
            {bias.blind?.n} blind. {biasWords(bias.difference)}
          </>
        ) : (
          `Automation bias: not enough yet. It takes ${enough} answers of each kind, shown and blind; the smaller kind has ${n}.`
        )}
      </p>
      {rows.length > 0 ? (
        <IntervalPlot
          title="Shares with 95&nbsp;% intervals; the table has the numbers"
          rows={rows}
          range={[0, 1]}
        />
      ) : null}
      <Table caption="How people lean on suggestions">
        <thead>
          <tr>
            <Th>Figure</Th>
            <Th>Share, 95&nbsp;% interval</Th>
            <Th>What it counts</Th>
          </tr>
        </thead>
        <tbody>
          {figureWords.map(({ key, label, means }) => (
            <Tr key={key}>
              <Td>{label}</Td>
              <Td>
                <Estimate of={bias[key]} enough={enough} />
              </Td>
              <Td>{means}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      <p className={styles.quiet}>
        {bias.definition} Shown and blind are told apart by a draw at each place, so only places drawn with a
        chance between 0 and 100&nbsp;% count. Intervals are Wilson’s; that of the difference is Newcombe’s.
      </p>
    </>
  )
}

/** A difference of shares is told in percentage points. */
const points = (value: number) => {
  const size = Math.round(Math.abs(value) * 1000) / 10
  return `${size === 0 ? '' : value > 0 ? '+' : '−'}${size}`
}

function biasWords({ low, high }: { low: number; high: number }): string {
  if (low > 0) return 'People agree that much more often when they see the suggestion.'
  if (high < 0) return 'People agree that much less often when they see the suggestion.'
  return 'The interval holds zero: no influence of the suggestion is shown yet.'
}
