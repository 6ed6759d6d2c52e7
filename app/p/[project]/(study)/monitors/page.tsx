import { ShieldAlert } from 'lucide-react'
import type { Metadata } from 'next'
import { Sparkline } from '@/components/charts/sparkline'
import { TimeChart } from '@/components/charts/time-chart'
import { AlertsPanel } from '@/components/monitors/alerts-panel'
import { DriftList } from '@/components/monitors/drift-list'
import { number, percent, ShareWords } from '@/components/monitors/figures'
import { MonitorFilters } from '@/components/monitors/monitor-filters'
import styles from '@/components/monitors/monitors.module.css'
import { OddsTable } from '@/components/monitors/odds-table'
import {
  HoldbackFigures,
  LoopGuard,
  ServiceFigures,
  TruthFigures,
  WorthFigures,
} from '@/components/monitors/panels'
import { ResumeSuggestions } from '@/components/monitors/resume-suggestions'
import { SliceTable } from '@/components/monitors/slice-table'
import { feedbackHref } from '@/components/study/feedback-address'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { type Alert, type MonitorView, monitorsQuery } from '@/contract/v1/monitors'
import { enough } from '@/domain/interval'
import { pagePermissions } from '@/domain/page-permission'
import { pausedOf, pauseReason } from '@/domain/pause'
import { listAlerts } from '@/server/list-alerts'
import { listMarks } from '@/server/list-marks'
import { listModels } from '@/server/list-models'
import { requireProjectPage } from '@/server/page-access'
import { readMonitors } from '@/server/read-monitors'
import { readOdds } from '@/server/read-odds'

export const metadata: Metadata = { title: 'Monitors' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function MonitorsPage({ params, searchParams }: Props) {
  const { project: slug } = await params
  const given = Object.fromEntries(
    Object.entries(await searchParams).flatMap(([name, value]) =>
      typeof value === 'string' && value !== '' ? [[name, value]] : [],
    ),
  )
  const here = `/p/${slug}/monitors?${new URLSearchParams(given)}`
  const scope = await requireProjectPage(slug, pagePermissions.monitors, here)
  // An address that can't be read shows the usual six weeks.
  const parsed = monitorsQuery.safeParse(given)
  const query = parsed.success ? parsed.data : monitorsQuery.parse({})
  const [view, { alerts, firing, lookedAt }, { models }, odds] = await Promise.all([
    readMonitors(scope, query),
    listAlerts(scope),
    listModels(scope),
    readOdds(scope, query.version),
  ])
  const marks = await listMarks(scope, view.from)
  const versions = models.flatMap(model =>
    model.versions.map(v => ({ value: v.id, label: `${model.name} ${v.version}` })),
  )
  const include = view.simulated === 'include'
  const mayQueue = scope.can('queues.manage')
  const paused = pausedOf(scope.project.settings)
  const itemsOf = (more: Record<string, string | undefined>) =>
    feedbackHref(slug, { version: query.version, simulated: include ? 'include' : undefined, ...more })
  const ofDay = (day: string, state?: string) => itemsOf({ from: day, to: day, state })
  return (
    <>
      <div className={styles.page}>
        <div className={styles.wide}>
          <PageHeader
            title="Is it still helping?"
            meta={`${number(view.total.seen)} suggestions seen since ${view.from}. Blind items are left out of rates; ${include ? 'simulated ones are in, and marked' : 'so are simulated ones'}.`}
            actions={
              scope.can('settings.view') ? (
                <ButtonLink href={`/p/${slug}/settings/monitors`}>What is watched</ButtonLink>
              ) : null
            }
          />
          <MonitorFilters
            slug={slug}
            values={{
              days: String(query.days),
              version: query.version ?? '',
              arm: query.arm ?? '',
              slice: query.slice ?? '',
              simulated: view.simulated,
            }}
            versions={versions}
            slices={view.slices
              .map(row => ({ value: row.slice, label: row.name }))
              .toSorted((a, b) => (a.label < b.label ? -1 : 1))}
          />
        </div>
        <div className={styles.main}>
          {view.total.exposures === 0 ? (
            <EmptyState title="Nothing was asked of a model in these days.">
              Figures appear here within seconds of the first suggestion.
            </EmptyState>
          ) : (
            <>
              <section className={styles.section} aria-labelledby="acceptance">
                <div className={styles.head}>
                  <h2 id="acceptance">Acceptance and correction</h2>
                  <span>
                    Daily, of what was judged, with 95&nbsp;% bands. Accepting is not proof of being right.
                  </span>
                </div>
                <TimeChart
                  title="Acceptance and correction by day"
                  format="share"
                  fewest={enough}
                  counted="judged"
                  marks={marks.map(mark => ({
                    day: mark.day,
                    label: mark.label,
                    alert: mark.kind === 'alert',
                  }))}
                  series={[
                    {
                      label: 'Accepted',
                      tone: 'accept',
                      points: pointsOf(view, 'acceptance'),
                      hrefOf: day => ofDay(day),
                    },
                    {
                      label: 'Corrected',
                      tone: 'correct',
                      dashed: true,
                      points: pointsOf(view, 'correction'),
                      hrefOf: day => ofDay(day, 'corrected'),
                    },
                  ]}
                />
                <Strip view={view} />
                <ByVersionAndArm view={view} names={new Map(versions.map(v => [v.value, v.label]))} />
              </section>
              <div className={styles.panels}>
                <section className={styles.section} aria-labelledby="drift">
                  <div className={styles.head}>
                    <h2 id="drift">Data: drift by feature</h2>
                    <span>
                      PSI of {view.reference.windowFrom} to {view.reference.windowTo} against{' '}
                      {view.reference.from} to {view.reference.to}; half a case added to each bin. Thin tick:
                      noise. Thick: alert.
                    </span>
                  </div>
                  <DriftList
                    slug={slug}
                    rows={view.drift}
                    stretch={view.reference}
                    simulated={include}
                    mayQueue={mayQueue}
                  />
                </section>
                <ServiceFigures view={view} />
              </div>
              <section className={styles.section} aria-labelledby="slices">
                <div className={styles.head}>
                  <h2 id="slices">Slices and fairness</h2>
                  <span>
                    Each value of an attribute, and saved slices, beside all else. Metrics of fairness can
                    conflict; see what each says.
                  </span>
                </div>
                <SliceTable
                  slug={slug}
                  rows={view.slices}
                  from={view.from}
                  to={view.to}
                  simulated={include}
                  mayQueue={mayQueue}
                />
              </section>
              <section className={styles.section} aria-labelledby="odds">
                <div className={styles.head}>
                  <h2 id="odds">Equalised odds</h2>
                  <span>
                    A right suggestion should reach every group as often, and a wrong one as seldom. Gaps have
                    95&nbsp;% intervals; with fewer than 30 right or 30 wrong rows on either side it is
                    insufficient.
                  </span>
                </div>
                <OddsTable slug={slug} odds={odds} />
              </section>
              <div className={styles.panels}>
                <TruthFigures view={view} slug={slug} />
                <HoldbackFigures view={view} />
                <WorthFigures view={view} />
                <LoopGuard view={view} slug={slug} />
              </div>
            </>
          )}
        </div>
        <aside className={styles.side} aria-label="Alerts and what to do">
          {paused ? (
            <section className={styles.card} aria-labelledby="paused">
              <h2 id="paused">Suggestions are paused</h2>
              <p>{pauseReason(paused)} People write their own meanwhile.</p>
              {scope.can('settings.manage') ? (
                <ResumeSuggestions slug={slug} />
              ) : (
                <p>An owner lets them go on.</p>
              )}
            </section>
          ) : null}
          <section className={styles.section} aria-labelledby="alerts">
            <div className={styles.head}>
              <h2 id="alerts">Alerts</h2>
              <span>{firing} firing</span>
            </div>
            <AlertsPanel
              slug={slug}
              alerts={alerts}
              mayManage={scope.can('monitors.manage')}
              itemHrefs={Object.fromEntries(
                alerts.map(alert => [alert.id, itemsOf(itemsOfAlert(alert, view))]),
              )}
            />
          </section>
          <Trips view={view} hrefOf={() => itemsOf({ state: 'suppressed', from: view.from, to: view.to })} />
          <section className={styles.card} aria-labelledby="do">
            <h2 id="do">What you can do now</h2>
            <p>Go back to an earlier version, hold back more, or ask what another order would have earned.</p>
            <div className={styles.row}>
              <ButtonLink size="small" href={`/p/${slug}/models`}>
                Versions
              </ButtonLink>
              {scope.can('settings.view') ? (
                <ButtonLink size="small" href={`/p/${slug}/settings#guardrails`}>
                  Guardrails
                </ButtonLink>
              ) : null}
              <ButtonLink size="small" href={`/p/${slug}/monitors/another-order`}>
                Another order
              </ButtonLink>
            </div>
          </section>
        </aside>
      </div>
      <StatusLane
        keys={[
          { chords: ['j', 'k'], label: 'alert' },
          { chords: 't', label: 'take it' },
          { chords: 'n', label: 'snooze' },
          { chords: 'z', label: 'undo' },
        ]}
        state={`${view.asOf ? `Counted to ${view.asOf.slice(11, 16)} UTC` : 'Not counted yet'}${view.behind ? ', more is being counted' : ''}${lookedAt ? `, rules looked at ${lookedAt.slice(11, 16)} UTC` : ''}`}
      />
    </>
  )
}

const pointsOf = (view: MonitorView, rate: 'acceptance' | 'correction') =>
  view.days.map(({ day, rates }) => ({
    day,
    value: rates[rate]?.value ?? null,
    low: rates[rate]?.low ?? null,
    high: rates[rate]?.high ?? null,
    n: rates[rate]?.n ?? 0,
  }))

/** The explorer's filter that shows what an alert is about. */
function itemsOfAlert(
  { kind, subject }: Alert,
  { reference }: MonitorView,
): Record<string, string | undefined> {
  const days = { from: reference.windowFrom, to: reference.windowTo }
  if (kind === 'acceptance') return { ...days, attribute: subject.includes('=') ? subject : undefined }
  if (kind === 'trips' || kind === 'errors') return { ...days, state: 'suppressed' }
  if (kind === 'label-drift') return { ...days, state: 'corrected' }
  return days
}

function Strip({ view }: { view: MonitorView }) {
  const { total, days, time } = view
  const cells = [
    {
      name: 'Coverage',
      value: total.coverage,
      note: 'of chances offered',
      line: days.map(day => day.rates.coverage?.value ?? null),
    },
    {
      name: 'Accepted, of all seen',
      value: total.acceptanceOfSeen,
      note: 'A/N, ignored counted',
      line: days.map(day => day.rates.acceptanceOfSeen?.value ?? null),
    },
    {
      name: 'Ignored',
      value: total.ignoredShare,
      note: 'neither kept nor changed',
      line: days.map(day => day.rates.ignoredShare?.value ?? null),
    },
    {
      name: 'Undone',
      value: total.undoneShare,
      note: 'taken back, of all seen',
      line: days.map(day => day.rates.undoneShare?.value ?? null),
    },
  ]
  return (
    <dl className={styles.strip}>
      {cells.map(({ name, value, note, line }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b className={styles.value}>
              {value === null || value.n < enough ? 'too few' : percent(value.value)}
              <Sparkline values={line} />
            </b>
            <span className={styles.note}>
              {note}
              {value && value.n >= enough ? `, ${percent(value.low)} to ${percent(value.high)}` : ''}
            </span>
          </dd>
        </div>
      ))}
      <div>
        <dt>Time to decide</dt>
        <dd>
          <b className={styles.value}>
            {time.median === null ? 'over half never did' : `${number(time.median / 1000, 1)} s`}
          </b>
          <span className={styles.note}>median in view, Kaplan–Meier; ignored counts as not yet</span>
        </dd>
      </div>
      <div>
        <dt>Edit distance</dt>
        <dd>
          <b className={styles.value}>{total.edit ? total.edit.value.toFixed(2) : 'none yet'}</b>
          <span className={styles.note}>
            {total.edit
              ? `${total.edit.low.toFixed(2)} to ${total.edit.high.toFixed(2)}, 0 is unchanged`
              : ''}
          </span>
        </dd>
      </div>
    </dl>
  )
}

function ByVersionAndArm({ view, names }: { view: MonitorView; names: ReadonlyMap<string, string> }) {
  const armNames: Record<string, string> = { live: 'Live', canary: 'Canary', holdback: 'Held back' }
  const rows = [
    ...view.versions.map(row => ({
      ...row,
      name: row.version ? (names.get(row.version) ?? 'A version') : 'No model asked',
    })),
    ...(view.arms.length > 1
      ? view.arms.map(row => ({ ...row, name: `Arm: ${armNames[row.arm] ?? row.arm}` }))
      : []),
  ]
  return (
    <dl className={styles.facts} aria-label="By version and arm">
      {rows.map(({ name, rates, service }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <ShareWords of={rates.acceptance} />
            {service.latencyP90 === null ? '' : `, p90 ${number(service.latencyP90)} ms`}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Trips({ view, hrefOf }: { view: MonitorView; hrefOf(rule: string): string }) {
  const held = view.trips.reduce((sum, trip) => sum + trip.heldBack, 0)
  return (
    <section className={styles.section} aria-labelledby="trips">
      <div className={styles.head}>
        <h2 id="trips">Guardrail trips</h2>
        <span>
          {number(held)} of {number(view.total.eligible)} held back
        </span>
      </div>
      {view.trips.length === 0 ? (
        <p className={styles.quiet}>No guardrail acted in these days.</p>
      ) : (
        <ul className={styles.trips}>
          {view.trips.map(({ rule, heldBack, filtered, before }) => (
            <li key={rule}>
              <ShieldAlert aria-hidden />
              <a className={styles.rule} href={hrefOf(rule)}>
                {rule.replaceAll('-', ' ')}
              </a>
              <span className={styles.change}>
                {heldBack === before
                  ? 'same'
                  : heldBack > before
                    ? `up ${heldBack - before}`
                    : `down ${before - heldBack}`}
                {filtered > 0 ? `, ${filtered} thinned` : ''}
              </span>
              <b>{number(heldBack)}</b>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
