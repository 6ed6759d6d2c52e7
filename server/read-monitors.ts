import 'server-only'
import type { MonitorsQuery, MonitorView } from '@/contract/v1/monitors'
import { getDb } from '@/db/client'
import { binnedKs, chiSquare, jensenShannon, psi, psiLeast } from '@/domain/drift'
import { everything } from '@/domain/explore-words'
import { impactRatios } from '@/domain/fairness'
import { benjaminiHochberg } from '@/domain/false-alarms'
import { enough, newcombe, wilson } from '@/domain/interval'
import { decideEdges, meanOf, sizeEdges } from '@/domain/monitor-bins'
import { ofHundred } from '@/domain/percent'
import { findSlices } from '@/domain/slice-finder'
import { kaplanMeier, timeUntil } from '@/domain/survival'
import type { WatchedCounts } from '@/domain/watch'
import { leastEffects } from '@/domain/watch-words'
import { keystrokesPerMinute, loopLimits } from '@/domain/worth'
import type { ProjectScope } from './access'
import { readTruthError } from './fold-truth'
import {
  type CountRow,
  type Counts,
  dayBefore,
  groupRows,
  judgedOf,
  ratesOf,
  readCountRows,
  readSliceRows,
  readTripRows,
  type SliceCountRow,
  serviceOf,
  sumCounts,
  sumJudgements,
} from './monitor-counts'
import { readCalendar, spansOf, stretchOf, watchedIn } from './watched-windows'

/** So many whole days stand against the reference on the page; alerts look at each by itself. */
const shownWindow = 7
const recentHours = 2
/** Of the newest frozen version: enough to tell a share by. */
const mostTrainingRows = 10_000

/** Everything that the monitors' page shows, from what is kept: no row of the log is read. */
export async function readMonitors(scope: ProjectScope, query: MonitorsQuery): Promise<MonitorView> {
  const { projectId, project } = scope
  const include = (query.simulated ?? (project.demo ? 'include' : 'exclude')) === 'include'
  const watchedProject = { projectId, timeZone: project.timeZone, demo: include }
  const calendar = await readCalendar(watchedProject)
  const { today } = calendar
  const from = dayBefore(today, query.days - 1)
  const before = { from: dayBefore(from, query.days), to: dayBefore(from, 1) }
  const stretch = stretchOf(calendar, shownWindow)
  const watchedSpans = spansOf(stretch)
  const wanted = { spans: [{ from, to: today }, ...watchedSpans], simulated: include }
  const hoursFrom = dayBefore(today, recentHours - 1)
  const [kept, ofSlice, everySlice, everyTrip, outside, forecasts] = await Promise.all([
    readCountRows(projectId, { ...wanted, hoursFrom }),
    query.slice
      ? readCountRows(projectId, {
          spans: [{ from, to: today }],
          simulated: include,
          slice: query.slice,
        })
      : null,
    readSliceRows(projectId, wanted),
    readTripRows(projectId, { ...wanted, spans: [...wanted.spans, before] }),
    readOutside(scope, from, include),
    readTruthError(projectId, { from, to: today, simulated: include, version: query.version }),
  ])
  const whole = kept.filter(row => row.hour < 0)
  const asked = (row: { version: string; arm?: string }) =>
    (!query.version || row.version === query.version) && (!query.arm || !row.arm || row.arm === query.arm)
  const shown = <T extends { day: string; version: string; arm?: string }>(list: readonly T[]) =>
    list.filter(row => row.day >= from && row.day <= today && asked(row))
  const rows = shown(ofSlice ?? whole)
  const hours = kept.filter(row => row.hour >= 0 && asked(row))
  const trips = shown(everyTrip)
  const tripsBefore = everyTrip.filter(row => row.day >= before.from && row.day <= before.to && asked(row))
  const { reference, windows } = watchedIn({ rows: whole, slices: everySlice, trips: everyTrip }, stretch)
  const window = joinWindows(windows)
  const all = sumCounts(rows)
  const grouped = (key: (row: (typeof rows)[number]) => string) =>
    [...groupRows(rows, key)].map(([name, list]) => ({ name, of: sumCounts(list) }))
  const described = (of: Counts) => ({ rates: ratesOf(of), service: serviceOf(of) })
  const ruleNames = [...new Set(trips.map(trip => trip.rule))]
  const tripSum = (list: typeof trips, rule: string, of: 'heldBack' | 'filtered') =>
    list.filter(trip => trip.rule === rule).reduce((sum, trip) => sum + trip[of], 0)
  return {
    from,
    to: today,
    simulated: include ? 'include' : 'exclude',
    asOf: outside.asOf,
    behind: outside.behind,
    total: ratesOf(all),
    days: grouped(row => row.day)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, of }) => ({ day: name, ...described(of) })),
    versions: grouped(row => row.version).map(({ name, of }) => ({
      version: name === everything ? null : name,
      ...described(of),
    })),
    arms: grouped(row => row.arm).map(({ name, of }) => ({ arm: name, ...described(of) })),
    service: serviceOf(all),
    hours: hourly(hours),
    trips: ruleNames
      .map(rule => ({
        rule,
        heldBack: tripSum(trips, rule, 'heldBack'),
        filtered: tripSum(trips, rule, 'filtered'),
        before: tripSum(tripsBefore, rule, 'heldBack'),
      }))
      .sort((a, b) => b.heldBack - a.heldBack),
    reference: {
      from: stretch.referenceFrom,
      to: stretch.referenceTo,
      windowFrom: stretch.windows[0] ?? today,
      windowTo: stretch.windows.at(-1) ?? today,
    },
    drift: driftRows(reference, window),
    slices: sliceFigures(shown(everySlice), all, outside.sliceNames),
    time: timeFigures(all),
    worth: worthOf(all),
    holdback: holdbackOf(
      whole.filter(
        row => row.day >= from && row.day <= today && (!query.version || row.version === query.version),
      ),
    ),
    truth: {
      audited: wilson(outside.auditedRight, outside.audited),
      verdict: outside.audited < enough ? 'insufficient' : 'told',
      outcomes: forecasts.n,
      error: forecasts.n < enough ? null : forecasts.error,
    },
    loop: loopOf(all, outside.trainingRows, outside.influencedRows),
    doors: outside.doors,
    lastExposureAt: outside.lastExposureAt,
  }
}

type Shape = Pick<WatchedCounts, 'confidence' | 'inputSize' | 'finalSize' | 'attributes'>

function joinWindows(windows: readonly WatchedCounts[]): Shape {
  const joined: Shape = { confidence: [], inputSize: [], finalSize: [], attributes: {} }
  for (const window of windows) {
    for (const name of ['confidence', 'inputSize', 'finalSize'] as const)
      for (const [at, n] of window[name].entries()) joined[name][at] = (joined[name][at] ?? 0) + n
    for (const [name, values] of Object.entries(window.attributes)) {
      const of = joined.attributes[name] ?? {}
      joined.attributes[name] = of
      for (const [value, n] of Object.entries(values)) of[value] = (of[value] ?? 0) + n
    }
  }
  return joined
}

const binLabel = (edges: readonly number[], at: number) =>
  at === 0
    ? `under ${edges[0]}`
    : at === edges.length
      ? `${edges.at(-1)} or more`
      : `${edges[at - 1]} to ${edges[at]}`

function driftRows(was: Shape, now: Shape): MonitorView['drift'] {
  const ordered = (
    feature: string,
    of: MonitorView['drift'][number]['of'],
    before: number[],
    after: number[],
    label: (at: number) => string,
  ) => ({ feature, of, before, after, labels: before.map((_, at) => label(at)), ordered: true })
  const bySize = (at: number) => `${binLabel(sizeEdges, at)} characters`
  const features = [
    ...Object.keys({ ...was.attributes, ...now.attributes }).map(name => {
      const [before, after] = [was.attributes[name] ?? {}, now.attributes[name] ?? {}]
      const values = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
      return {
        feature: name,
        of: 'inputs' as const,
        before: values.map(value => before[value] ?? 0),
        after: values.map(value => after[value] ?? 0),
        labels: values,
        ordered: false,
      }
    }),
    ordered('Size of the input', 'inputs', was.inputSize, now.inputSize, bySize),
    ordered(
      'Confidence',
      'predictions',
      was.confidence,
      now.confidence,
      at => `${at * 10} to ${ofHundred(at * 10 + 10)}`,
    ),
    ordered('Size of what was settled on', 'labels', was.finalSize, now.finalSize, bySize),
  ]
  const measured = features.flatMap(row => {
    const index = psi(row.before, row.after)
    const tested = chiSquare([row.after, row.before])
    return index && tested && index.n >= enough && index.m >= enough ? [{ ...row, index, p: tested.p }] : []
  })
  const q = benjaminiHochberg(measured.map(row => row.p))
  return measured
    .map(({ feature, of, before, after, labels, ordered: inOrder, index, p }, at) => ({
      feature,
      of,
      psi: index.value,
      noise: index.noise,
      cut: Math.max(psiLeast, index.noise),
      p,
      q: q[at] ?? 1,
      jensenShannon: jensenShannon(before, after),
      ks: inOrder ? ksOf(before, after) : null,
      n: index.n,
      m: index.m,
      drifted: index.value >= Math.max(leastEffects['input-drift'], index.noise) && (q[at] ?? 1) < 0.05,
      bins: labels
        .map((label, place) => ({
          label,
          was: (before[place] ?? 0) / index.m,
          now: (after[place] ?? 0) / index.n,
        }))
        .filter(bin => bin.was > 0 || bin.now > 0),
    }))
    .sort((a, b) => b.psi / b.cut - a.psi / a.cut)
}

function ksOf(a: readonly number[], b: readonly number[]) {
  const found = binnedKs(a, b)
  return found && { d: found.d, p: found.p }
}

function sliceFigures(
  rows: readonly SliceCountRow[],
  all: Counts,
  names: ReadonlyMap<string, string>,
): MonitorView['slices'] {
  const bySlice = [...groupRows(rows, row => row.slice)].map(([slice, list]) => ({
    slice,
    of: sumJudgements(list),
  }))
  // A loss of 1 for everything judged and not accepted: its square is itself.
  const lossesOf = (of: Parameters<typeof judgedOf>[0]) => {
    const lost = judgedOf(of) - of.accepted
    return { n: judgedOf(of), sum: lost, squares: lost }
  }
  const found = findSlices(
    bySlice.map(({ slice, of }) => ({ name: slice, losses: lossesOf(of) })),
    lossesOf(all),
  )
  const groups = new Map<string, { name: string; hits: number; n: number }[]>()
  for (const { slice, of } of bySlice) {
    // Values of one attribute are compared with each other; a saved slice with nothing but all else.
    const attribute = slice.includes('=') ? slice.slice(0, slice.indexOf('=')) : slice
    groups.set(attribute, [
      ...(groups.get(attribute) ?? []),
      { name: slice, hits: of.accepted, n: judgedOf(of) },
    ])
  }
  const ratios = new Map([...groups.values()].flatMap(impactRatios).map(ratio => [ratio.name, ratio]))
  return found
    .flatMap(({ name, n, effect, verdict }) => {
      const of = bySlice.find(row => row.slice === name)?.of
      const ratio = ratios.get(name)
      if (!of || !ratio) return []
      const lost = judgedOf(of) - of.accepted
      const allLost = judgedOf(all) - all.accepted
      const label = name.includes('=') ? name : names.get(name)
      // A slice that was archived since has counts and no name.
      if (!label) return []
      return [
        {
          slice: name,
          name: label,
          declared: !name.includes('='),
          n,
          acceptance: ratio.share,
          ratio: ratio.ratio,
          ratioVerdict: ratio.verdict,
          errorGap:
            n < enough || judgedOf(all) - n < enough
              ? null
              : newcombe({ hits: lost, n }, { hits: allLost - lost, n: judgedOf(all) - n }),
          effect,
          verdict,
        },
      ]
    })
    .sort((a, b) => (b.effect ?? -9) - (a.effect ?? -9))
}

function timeFigures(all: Counts): MonitorView['time'] {
  const ends = [...decideEdges, (decideEdges.at(-1) ?? 0) * 2]
  const points = kaplanMeier(
    ends.map((at, place) => ({
      at,
      decided: all.decided[place] ?? 0,
      censored: all.undecided[place] ?? 0,
    })),
  )
  return { median: timeUntil(points), points }
}

function worthOf(all: Counts): MonitorView['worth'] {
  const keystrokes = meanOf(all.savedN, all.savedSum, all.savedSquares)
  const total = keystrokes && {
    value: keystrokes.value * all.savedN,
    low: keystrokes.low * all.savedN,
    high: keystrokes.high * all.savedN,
  }
  return {
    keystrokes,
    keystrokesTotal: total,
    minutesTotal: total && {
      value: total.value / keystrokesPerMinute,
      low: total.low / keystrokesPerMinute,
      high: total.high / keystrokesPerMinute,
    },
    corrections: all.corrected,
  }
}

type Mean = NonNullable<ReturnType<typeof meanOf>>

/** Welch's interval of a difference of two means. */
function differenceOf(a: Mean | null, b: Mean | null) {
  if (!a || !b || a.n < enough || b.n < enough) return null
  const value = a.value - b.value
  const half = Math.hypot(a.high - a.value, b.high - b.value)
  return { value, low: value - half, high: value + half }
}

function holdbackOf(rows: readonly (Counts & { arm: string })[]): MonitorView['holdback'] {
  const without = sumCounts(rows.filter(row => row.arm === 'holdback'))
  if (without.exposures === 0) return null
  const shown = sumCounts(rows.filter(row => row.arm !== 'holdback'))
  const time = (of: Counts) => meanOf(of.settledN, of.settledSum / 1000, of.settledSquares / 1e6)
  const apart = (of: Counts) => meanOf(of.apartN, of.apartSum, of.apartSquares)
  return {
    shown: shown.exposures,
    heldBack: without.exposures,
    timeShown: time(shown),
    timeHeldBack: time(without),
    secondsSaved: differenceOf(time(without), time(shown)),
    apartShown: apart(shown),
    apartHeldBack: apart(without),
    influence: differenceOf(apart(without), apart(shown)),
  }
}

function loopOf(all: Counts, training: number, influenced: number): MonitorView['loop'] {
  const row = (
    name: MonitorView['loop'][number]['name'],
    share: ReturnType<typeof wilson>,
    holds: (value: number) => boolean,
  ) => ({
    name,
    share,
    limit: loopLimits[name],
    status:
      share === null ? ('unknown' as const) : holds(share.value) ? ('ok' as const) : ('breached' as const),
  })
  return [
    row('influenced', wilson(influenced, training), value => value <= loopLimits.influenced),
    row('exploration', wilson(all.explored, all.offered), value => value >= loopLimits.exploration),
    row('propensity', wilson(all.withPropensity, all.offered), value => value >= loopLimits.propensity),
  ]
}

function hourly(rows: readonly CountRow[]): MonitorView['hours'] {
  return [...groupRows(rows, row => `${row.day} ${String(row.hour).padStart(2, '0')}`)].map(([at, list]) => {
    const of = sumCounts(list)
    return {
      at: `${at}:00`,
      exposures: of.exposures,
      latencyP90: serviceOf(of).latencyP90,
      errors: of.errors,
    }
  })
}

interface Outside {
  asOf: string | null
  behind: boolean
  lastExposureAt: string | null
  audited: number
  auditedRight: number
  trainingRows: number
  influencedRows: number
  doors: MonitorView['doors']
  sliceNames: Map<string, string>
}

/** What is not in the counts, in one question: each part is a few rows by an index. */
async function readOutside({ projectId }: ProjectScope, from: string, simulated: boolean): Promise<Outside> {
  const { rows } = await getDb().$client.query<
    Omit<Outside, 'sliceNames'> & { slices: { id: string; name: string }[] }
  >(
    `WITH audit AS (
       -- What people who had not seen the suggestion made of it afterwards, of items that chance picked.
       SELECT count(*)::int AS n, count(*) FILTER (WHERE a.second->>'preference' IN ('model', 'both') OR a.second->'verdicts'->0->>'verdict' IN ('good', 'usable'))::int AS right
       FROM answers a JOIN queue_entries q ON q.project_id = a.project_id AND q.id = a.entry_id
       WHERE a.project_id = $1 AND a.kind = 'review' AND q.strategy = 'random' AND a.blind AND a.submitted_at >= $3::date
         AND ($4 OR NOT a.simulated) AND a.second IS NOT NULL),
     training AS (
       SELECT count(*)::int AS n, count(*) FILTER (WHERE influenced)::int AS influenced FROM (
         SELECT (r.facts->>'modelInfluenced')::boolean AS influenced FROM dataset_rows r
         WHERE r.project_id = $1 AND r.split = 'train' AND r.version_id =
           (SELECT v.id FROM dataset_versions v WHERE v.project_id = $1 AND v.state = 'frozen' ORDER BY v.created_at DESC NULLS LAST LIMIT 1)
         LIMIT ${mostTrainingRows}) x),
     doors AS (
       SELECT route, coalesce(code, 'event_refused') AS code, sum(coalesce(refused_count, 1))::int AS n FROM arrivals
       WHERE project_id = $1 AND at > amend.now() - interval '1 day' AND (status >= 400 OR refused_count > 0)
       GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 8)
     SELECT to_char(f.folded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "asOf",
       f.project_id IS NULL OR EXISTS (SELECT FROM feedback_dirty_days y WHERE y.project_id = $1 AND y.slice_id = $2) AS behind,
       (SELECT to_char(max(d.exposed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') FROM decisions d WHERE d.project_id = $1) AS "lastExposureAt",
       audit.n AS audited, audit.right AS "auditedRight", training.n AS "trainingRows", training.influenced AS "influencedRows",
       (SELECT coalesce(json_agg(d), '[]') FROM doors d) AS doors,
       (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name)), '[]') FROM saved_views WHERE project_id = $1 AND kind = 'slice' AND archived_at IS NULL) AS slices
     FROM audit CROSS JOIN training LEFT JOIN feedback_folds f ON f.project_id = $1`,
    [projectId, everything, from, simulated],
  )
  const [row] = rows
  if (!row) throw new Error('What stands beside the counts was not read.')
  const { slices, ...outside } = row
  return { ...outside, sliceNames: new Map(slices.map(({ id, name }) => [id, name])) }
}
