import type { MonitorView } from '@/contract/v1/monitors'
import { enough } from '@/domain/interval'
import { worthDefinition } from '@/domain/worth'
import { TimeChart } from '../charts/time-chart'
import { number, percent, ShareWords } from './figures'
import styles from './monitors.module.css'

interface Props {
  view: MonitorView
}

export function ServiceFigures({ view }: Props) {
  const { service, days, doors, lastExposureAt } = view
  return (
    <section className={styles.section} aria-labelledby="service">
      <div className={styles.head}>
        <h2 id="service">Service</h2>
        <span>How fast and how often the model answers.</span>
      </div>
      <TimeChart
        title="Latency p90 by day"
        format="ms"
        fewest={enough}
        counted="timed"
        narrow
        series={[
          {
            label: 'p90',
            tone: 'ink',
            points: days.map(({ day, service: of }) => ({
              day,
              value: of.latencyP90,
              low: null,
              high: null,
              n: of.timed,
            })),
          },
        ]}
      />
      <dl className={styles.facts}>
        <div>
          <dt>Latency p50, p90, p99</dt>
          <dd>
            {service.latencyP50 === null
              ? 'none yet'
              : `${number(service.latencyP50)}, ${number(service.latencyP90 ?? 0)}, ${number(service.latencyP99 ?? 0)} ms`}
          </dd>
        </div>
        <div>
          <dt>Slow, down or wrong shape</dt>
          <dd>
            <ShareWords of={service.errors} />
          </dd>
        </div>
        <div>
          <dt>Latest exposure</dt>
          <dd>{lastExposureAt ? `${lastExposureAt.slice(0, 16).replace('T', ' ')} UTC` : 'none yet'}</dd>
        </div>
        <div>
          <dt>Refused at the doors in a day</dt>
          <dd>
            {doors.length === 0
              ? 'nothing'
              : doors.map(door => `${door.n} × ${door.code} (${door.route})`).join('; ')}
          </dd>
        </div>
      </dl>
    </section>
  )
}

export function TruthFigures({ view, slug }: Props & { slug: string }) {
  const { truth } = view
  if (truth.outcomes > 0) return <ForecastTruth truth={truth} slug={slug} />
  return (
    <section className={styles.section} aria-labelledby="truth">
      <div className={styles.head}>
        <h2 id="truth">Truth: the random audit</h2>
        <span>
          First suggestions called right by people who had not seen them, of items that chance picked.
        </span>
      </div>
      <p>
        <ShareWords of={truth.audited} />
      </p>
      <p className={styles.quiet}>
        {truth.verdict === 'insufficient'
          ? 'Thirty such answers are needed. Only they measure accuracy; everything else here is a trend. '
          : 'Only this measures accuracy; everything else here is a trend. '}
        <a href={`/p/${slug}/queues`}>Review</a> fills it with queues that draw at random and hide some
        suggestions.
      </p>
    </section>
  )
}

const errorWords = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 })

function ForecastTruth({ truth: { error, outcomes }, slug }: { truth: MonitorView['truth']; slug: string }) {
  return (
    <section className={styles.section} aria-labelledby="truth">
      <div className={styles.head}>
        <h2 id="truth">Truth: what forecasts came to</h2>
        <span>First forecasts that were made before the outcome was known, each once a day and version.</span>
      </div>
      <p>
        {error ? (
          <>
            Off by <strong>{errorWords(error.value)}</strong> on average ({errorWords(error.low)} to{' '}
            {errorWords(error.high)}, n = {outcomes} of {error.groups} weeks)
          </>
        ) : (
          <>too few to tell: {outcomes} of the 30 that are needed, of two weeks at least</>
        )}
      </p>
      <p className={styles.quiet}>
        Only this measures accuracy; everything else here is a trend.{' '}
        <a href={`/p/${slug}/outcomes`}>Who was right</a> sets people beside the model.
      </p>
    </section>
  )
}

type Difference = NonNullable<MonitorView['holdback']>['secondsSaved']

function DifferenceWords({ of, words }: { of: Difference; words(value: number): string }) {
  if (of === null) return <>too few to tell; 30 on each side are needed</>
  return (
    <>
      <strong>{words(of.value)}</strong> ({words(of.low)} to {words(of.high)})
    </>
  )
}

export function HoldbackFigures({ view }: Props) {
  const { holdback } = view
  return (
    <section className={styles.section} aria-labelledby="holdback">
      <div className={styles.head}>
        <h2 id="holdback">What suggestions change</h2>
        <span>Against exposures that chance left without one.</span>
      </div>
      {holdback ? (
        <dl className={styles.facts}>
          <div>
            <dt>Shown, held back</dt>
            <dd>
              {number(holdback.shown)}, {number(holdback.heldBack)}
            </dd>
          </div>
          <div>
            <dt>Seconds saved a text</dt>
            <dd>
              <DifferenceWords of={holdback.secondsSaved} words={value => `${number(value, 1)} s`} />
            </dd>
          </div>
          <div>
            <dt>Own words pulled towards the suggestion</dt>
            <dd>
              <DifferenceWords of={holdback.influence} words={percent} />
            </dd>
          </div>
        </dl>
      ) : (
        <p className={styles.quiet}>
          Nothing is held back by chance, so what suggestions change can’t be told from what people would have
          done anyway. Settings can leave up to 5 % without one.
        </p>
      )}
    </section>
  )
}

export function WorthFigures({ view }: Props) {
  const { worth } = view
  const range = (of: { value: number; low: number; high: number }) =>
    `${number(of.value)} (${number(of.low)} to ${number(of.high)})`
  return (
    <section className={styles.section} aria-labelledby="worth">
      <div className={styles.head}>
        <h2 id="worth">What it is worth</h2>
      </div>
      {worth.keystrokes && worth.keystrokesTotal && worth.minutesTotal && worth.keystrokes.n >= enough ? (
        <dl className={styles.facts}>
          <div>
            <dt>Keystrokes saved</dt>
            <dd>{range(worth.keystrokesTotal)}</dd>
          </div>
          <div>
            <dt>Minutes saved</dt>
            <dd>{range(worth.minutesTotal)}</dd>
          </div>
          <div>
            <dt>Corrections to learn from</dt>
            <dd>{number(worth.corrections)}</dd>
          </div>
        </dl>
      ) : (
        <p>Too few to tell: thirty kept suggestions are needed.</p>
      )}
      <p className={styles.quiet}>{worthDefinition}</p>
    </section>
  )
}

const guards = {
  influenced: { name: 'Training rows made under a suggestion', bound: 'at most' },
  exploration: { name: 'Exposures left to chance', bound: 'at least' },
  propensity: { name: 'Offers with logged probabilities', bound: 'at least' },
}
const statuses = { ok: 'within', breached: 'outside', unknown: 'nothing to tell from yet' }

export function LoopGuard({ view, slug }: Props & { slug: string }) {
  return (
    <section className={styles.section} aria-labelledby="loop">
      <div className={styles.head}>
        <h2 id="loop">Does it feed on itself?</h2>
      </div>
      <dl className={styles.facts}>
        {view.loop.map(({ name, share, limit, status }) => (
          <div key={name}>
            <dt>{guards[name].name}</dt>
            <dd data-status={status}>
              {share ? percent(share.value) : 'none'}, {guards[name].bound} {percent(limit)}:{' '}
              {statuses[status]}
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.quiet}>
        A model that is trained on what it suggested learns itself.{' '}
        <a href={`/p/${slug}/datasets`}>Datasets</a> cap the first; exploration in the settings brings the
        second, and lets <a href={`/p/${slug}/monitors/another-order`}>another order</a> be asked about.
      </p>
    </section>
  )
}
