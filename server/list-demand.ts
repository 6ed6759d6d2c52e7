import 'server-only'
import type { DemandPage, DemandPeriod } from '@/contract/v1/demand'
import { getDb, statementName } from '@/db/client'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { aggregate } from '@/domain/aggregation'
import type { GuardrailResult } from '@/domain/guardrails'
import { pausedOf } from '@/domain/pause'
import { limitsInForce, parseProjectSettings } from '@/domain/project-settings'
import { countGaps, detectPeriod } from '@/domain/series'
import { loadModel } from '@/models/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { type Actor, findActor } from './find-actor'
import { findServing, isOnTrial } from './find-serving'
import type { StoredCandidate } from './store-prediction'
import { warmLiveModel } from './warm-live-model'

/** The usual level is the median of so many known periods, the newest. */
const usualOf = 56
const mostHistory = 90
const mostPeriods = 62
const mostSettled = 62
const mostSeries = 200

/** The series of a project one after the other, each found by the index: no scan over its items. */
const seriesSql = `
  WITH RECURSIVE s AS (
    (SELECT body->>'series' AS name FROM contents WHERE project_id = $1 AND kind = 'item' AND body ? 'series'
     ORDER BY body->>'series' LIMIT 1)
    UNION ALL
    SELECT (SELECT c.body->>'series' FROM contents c WHERE c.project_id = $1 AND c.kind = 'item' AND c.body ? 'series'
      AND c.body->>'series' > s.name ORDER BY c.body->>'series' LIMIT 1) FROM s WHERE s.name IS NOT NULL)
  SELECT name FROM s WHERE name IS NOT NULL LIMIT ${mostSeries}`

const ofSeries = `
  FROM contents c
  JOIN items i ON i.project_id = c.project_id AND i.content_id = c.id AND i.erased_at IS NULL AND NOT i.simulated
    AND (i.owner_actor_id IS NULL OR i.owner_actor_id = $3)`
const inSeries = `c.project_id = $1 AND c.kind = 'item' AND c.body ? 'series' AND c.body->>'series' = $2`

const historySql = `
  SELECT i.id, c.body AS payload, oc.body AS outcome, o.corrected, s.source, s.actor_id AS "actorId",
    coalesce(u.name, a.pseudonym) AS name, to_json(o.known_at)#>>'{}' AS at ${ofSeries}
  JOIN item_outcomes o ON o.project_id = i.project_id AND o.item_id = i.id
  JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id AND oc.body IS NOT NULL
  JOIN outcomes s ON s.project_id = o.project_id AND s.id = o.outcome_id
  LEFT JOIN actors a ON a.project_id = s.project_id AND a.id = s.actor_id AND a.erased_at IS NULL
  LEFT JOIN users u ON u.id = a.user_id
  WHERE ${inSeries} ORDER BY c.body->>'time' DESC LIMIT ${mostHistory}`

const countSql = `
  SELECT count(*)::int AS n, min(c.body->>'time') AS "from", max(c.body->>'time') AS "to",
    count(*) FILTER (WHERE o.corrected > 0)::int AS corrected ${ofSeries}
  JOIN item_outcomes o ON o.project_id = i.project_id AND o.item_id = i.id
  WHERE ${inSeries}`

/** What somebody was shown or decided last about an item; what was only shown is shown again for a day, by the same version. */
const lastSeen = (decidedOnly: boolean) => `
  JOIN LATERAL (
    SELECT e.id AS exposure_id, e.shown, e.guardrail_result, e.candidates AS exposed, d.shown AS seen, d.state, d.event_id,
      d.candidate_id, to_json(d.decided_at)#>>'{}' AS decided_at, pc.body AS candidates, ac.body AS after, v.reason, v.batch_id
    FROM decisions d
    JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
    LEFT JOIN feedback_events v ON v.project_id = d.project_id AND v.id = d.event_id
    LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
    LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
    LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id
    WHERE d.project_id = i.project_id AND d.item_id = i.id AND d.actor_id = $3
      AND (d.state NOT IN ('open', 'ignored') ${
        decidedOnly
          ? ''
          : `OR (d.state = 'open' AND e.eligible
        AND e.created_at > amend.now() - interval '1 day'
        AND e.model_version_id = (SELECT m.id FROM model_versions m
          WHERE m.project_id = $1 AND m.stage = 'live' AND m.out_of_service_at IS NULL)
        AND (e.shown OR e.suppressed_reason NOT IN ('model-slow', 'model-down', 'model-wrong-shape')))`
      })
    ORDER BY d.decided_at DESC NULLS LAST, d.exposed_at DESC LIMIT 1) x ON true`

const openSql = `
  SELECT i.id, c.body AS payload, x.* ${ofSeries}
  LEFT ${lastSeen(false).trim()}
  WHERE ${inSeries} AND NOT EXISTS (SELECT FROM item_outcomes o WHERE o.project_id = i.project_id AND o.item_id = i.id)
    AND ($4::text IS NULL OR c.body->>'time' > $4)
  ORDER BY c.body->>'time' LIMIT ${mostPeriods}`

const settledSql = `
  SELECT i.id, c.body AS payload, oc.body AS outcome, x.* ${ofSeries}
  JOIN item_outcomes o ON o.project_id = i.project_id AND o.item_id = i.id
  JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id AND oc.body IS NOT NULL
  ${lastSeen(true).trim()}
  WHERE ${inSeries} ORDER BY c.body->>'time' DESC LIMIT ${mostSettled}`

/**
 * One series of the project: what is known of it, the periods that are still to come with what the caller was shown and
 * decided, and those whose outcome has arrived since. Asks no model: a forecast is shown by `suggest` alone, which logs it.
 */
export async function listDemand(scope: ProjectScope, wanted: string | undefined): Promise<DemandPage> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const pool = getDb().$client
  const [{ rows: named }, now] = await Promise.all([
    pool.query<{ name: string }>({
      name: statementName('series'),
      text: seriesSql,
      values: [scope.projectId],
    }),
    pool.query<{ now: string }>(`SELECT to_json(amend.now())#>>'{}' AS now`),
    actor.suggestionsOn ? warmLiveModel(scope) : null,
  ])
  const series = named.map(row => row.name)
  const selected = (wanted !== undefined && series.includes(wanted) ? wanted : series[0]) ?? null
  const rule = surgeRule(scope, task)
  const base = { series, selected, serverTime: now.rows[0]?.now ?? '' }
  const nothing = { n: 0, from: null, to: null, gaps: null, corrected: 0 }
  if (selected === null || !task.numberOf)
    return {
      ...base,
      unit: null,
      period: null,
      known: nothing,
      history: [],
      periods: [],
      settled: [],
      outcomes: null,
      surge: { rule, usual: null, mode: scope.project.mode },
      onDevice: null,
    }
  const [read, onDevice] = await Promise.all([
    readSeries(scope, actor, task, selected),
    versionForPage(scope, actor, selected),
  ])
  const newest = read.history.slice(-usualOf).map(known => known.value)
  return {
    ...base,
    ...read,
    surge: { rule, usual: aggregate('median', { values: newest }), mode: scope.project.mode },
    onDevice,
  }
}

/** What a page takes along for when it can't ask: what the version that answers this person has learned of the series. */
async function versionForPage(
  scope: ProjectScope,
  actor: Actor,
  series: string,
): Promise<DemandPage['onDevice']> {
  const { settings } = scope.project
  if (!actor.suggestionsOn || pausedOf(settings)) return null
  const serving = await findServing(scope.projectId)
  const version = isOnTrial(scope, serving, actor.id) ? serving.canary : serving.live
  if (!version || !(await loadModel(version.kind))?.runsInPage) return null
  const learned = version.parameters.series as Record<string, unknown> | undefined
  const fitted = learned?.[series] as NonNullable<DemandPage['onDevice']>['fitted'] | undefined
  if (!fitted) return null
  const { confidenceThreshold } = parseProjectSettings(settings).guardrails
  return { modelVersionId: version.id, fitted, threshold: confidenceThreshold }
}

async function readSeries(scope: ProjectScope, actor: Actor, task: TaskType, selected: string) {
  const pool = getDb().$client
  const values = [scope.projectId, selected, actor.id]
  const query = (name: string, text: string, more: unknown[] = []) =>
    pool.query({ name: statementName(name), text, values: [...values, ...more] })
  const [history, counted] = await Promise.all([
    query('series-history', historySql),
    query('series-count', countSql),
  ])
  const last = counted.rows[0]?.to ?? null
  const [open, settled] = await Promise.all([
    query('series-open', openSql, [last]),
    query('series-settled', settledSql),
  ])
  const numberOf = (value: unknown) => task.numberOf?.(value) ?? 0
  const oldestFirst = history.rows.toReversed()
  const times = oldestFirst.map(row => row.payload.time as string)
  const period = detectPeriod([...times, ...open.rows.map(row => row.payload.time)])
  const { n, from, corrected } = counted.rows[0] ?? { n: 0, from: null, corrected: 0 }
  return {
    unit: (history.rows[0] ?? open.rows[0])?.payload.unit ?? null,
    period,
    known: { n, from, to: last, gaps: period && countGaps(times, period), corrected },
    history: oldestFirst.map(row => ({ time: row.payload.time, value: numberOf(row.outcome) })),
    periods: open.rows.map(row => toPeriod(row, numberOf)),
    outcomes: scope.can('outcomes.record')
      ? history.rows.map(({ id, payload, outcome, corrected: before, source, actorId, name, at }) => ({
          id,
          time: payload.time,
          value: numberOf(outcome),
          corrected: before,
          source,
          by: actorId && { me: actorId === actor.id, name },
          at,
        }))
      : null,
    settled: settled.rows.map(row => {
      const first = row.shown ? forecastOf(row) : undefined
      return {
        id: row.id,
        time: row.payload.time,
        forecast: first ? numberOf(first) : null,
        low: (first as { low?: number } | undefined)?.low ?? null,
        high: (first as { high?: number } | undefined)?.high ?? null,
        mine: keptOf(row, numberOf),
        outcome: numberOf(row.outcome),
      }
    }),
  }
}

function surgeRule(scope: ProjectScope, task: TaskType) {
  const { guardrails } = parseProjectSettings(scope.project.settings)
  const limits = limitsInForce(task.limits ?? [], guardrails)
  return {
    slope: limits.surgeSlope ?? 0,
    cap: limits.surgeCap ?? 1,
    automaticUpTo: limits.surgeAutomaticUpTo ?? 1,
  }
}

// biome-ignore lint/suspicious/noExplicitAny: rows of the raw driver
type Row = any

const forecastOf = (row: Row): unknown => {
  const first = (row.exposed as ExposedCandidate[] | null)?.[0]
  return (row.candidates as StoredCandidate[] | null)?.find(c => c.id === first?.id)?.value
}

function keptOf(row: Row, numberOf: (value: unknown) => number): number | null {
  if (row.after) return numberOf(row.after)
  if (row.state !== 'accepted') return null
  const kept = (row.candidates as StoredCandidate[] | null)?.find(c => c.id === row.candidate_id)
  return kept ? numberOf(kept.value) : null
}

function toPeriod(row: Row, numberOf: (value: unknown) => number): DemandPeriod {
  const blocked = (row.guardrail_result as GuardrailResult[] | null)?.findLast(r => r.verdict === 'suppress')
  const values = new Map((row.candidates ?? []).map((c: StoredCandidate) => [c.id, c.value]))
  return {
    id: row.id,
    time: row.payload.time,
    event: row.payload.event ?? null,
    exposure: row.exposure_id && {
      exposureId: row.exposure_id,
      shown: row.shown,
      seen: row.seen,
      reason: row.shown || !blocked ? null : { code: blocked.rule, text: blocked.reason },
      candidates: row.shown
        ? (row.exposed as ExposedCandidate[]).map(c => ({
            id: c.id,
            rank: c.rank,
            value: values.get(c.id) ?? null,
            confidence: c.confidence,
            learned: null,
          }))
        : [],
      decision:
        row.state === 'open'
          ? null
          : {
              eventId: row.event_id,
              type: row.state,
              value: keptOf(row, numberOf),
              reason: row.reason,
              batchId: row.batch_id,
              decidedAt: row.decided_at,
            },
    },
  }
}
