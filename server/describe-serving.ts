import 'server-only'
import type { ArmFigures, ServingStatus } from '@/contract/v1/serving'
import { getDb } from '@/db/client'
import { checkArmRatio, mostExplored } from '@/domain/arms'
import { wilson } from '@/domain/interval'
import { parseProjectSettings } from '@/domain/project-settings'
import { taskFacts } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { countOutcomes, type Outcomes } from './count-outcomes'
import { findEarlierLive } from './roll-back'
import { stageKinds } from './stage-changes'
import { readWatch } from './watch-versions'

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

interface Placed {
  id: string
  name: string
  stage: 'live' | 'canary' | 'shadow'
  share: number | null
  since: string
}

/** Who answers now, how a trial goes beside the live version, what versions in shadow said, and what was left out. */
export async function describeServing(scope: ProjectScope): Promise<ServingStatus> {
  const { projectId } = scope
  const { rows } = await getDb().$client.query<Placed>(
    `SELECT v.id, m.name || ' ' || v.version AS name, v.stage, v.canary_share AS share, ${instant('coalesce(v.staged_at, v.created_at)')} AS since
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.stage IN ('live', 'canary', 'shadow') ORDER BY v.created_at`,
    [projectId],
  )
  const live = rows.find(row => row.stage === 'live') ?? null
  const canary = rows.find(row => row.stage === 'canary') ?? null
  const { serving } = parseProjectSettings(scope.project.settings)
  const earlierId = await findEarlierLive(getDb(), projectId)
  const [earlier, trial, shadows, holdback, watch, lastChange] = await Promise.all([
    earlierId ? nameOf(projectId, earlierId) : null,
    canary ? describeTrial(projectId, canary, live) : null,
    Promise.all(rows.filter(row => row.stage === 'shadow').map(row => describeShadow(projectId, row))),
    countHoldback(projectId),
    readWatch(projectId),
    readLastChange(projectId),
  ])
  const { harmClass } = taskFacts(scope.project.taskType) ?? { harmClass: 'high' as const }
  return {
    live: live && { id: live.id, name: live.name, since: live.since },
    earlier: earlierId && earlier ? { id: earlierId, name: earlier } : null,
    canary: trial,
    shadows,
    holdback: {
      share: serving.holdbackShare,
      found: holdback,
      ratio: ratioOf(holdback, [serving.holdbackShare, 1 - serving.holdbackShare]),
    },
    exploration: { share: serving.explorationShare, most: mostExplored[harmClass] },
    watch: watch.map(({ rule, from, value, n, ratio, alarmAt }) => ({
      ...rule,
      from,
      value,
      n,
      ratio,
      alarmAt,
    })),
    lastChange,
  }
}

async function nameOf(projectId: string, versionId: string): Promise<string | null> {
  const { rows } = await getDb().$client.query<{ name: string }>(
    `SELECT m.name || ' ' || v.version AS name FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.id = $2`,
    [projectId, versionId],
  )
  return rows[0]?.name ?? null
}

function ratioOf(found: number[], planned: number[]) {
  const check = checkArmRatio(found, planned)
  return check && { found, planned, p: check.p, mismatch: check.mismatch }
}

async function describeTrial(
  projectId: string,
  canary: Placed,
  live: Placed | null,
): Promise<ServingStatus['canary']> {
  const share = canary.share ?? 0
  const [own, other] = await Promise.all([
    countOutcomes(projectId, canary.id, canary.since),
    live ? countOutcomes(projectId, live.id, canary.since) : null,
  ])
  const people = await countPeople(projectId, canary.since)
  return {
    id: canary.id,
    name: canary.name,
    share,
    since: canary.since,
    arms: { canary: toFigures(own), live: toFigures(other) },
    ratio: ratioOf(people, [share, 1 - share]),
  }
}

/** People by the version that they were drawn for, whatever became of the exposure: canary, then live. */
async function countPeople(projectId: string, since: string): Promise<number[]> {
  const { rows } = await getDb().$client.query<{ canary: number; live: number }>(
    `SELECT count(DISTINCT actor_id) FILTER (WHERE arm = 'canary')::int AS canary, count(DISTINCT actor_id) FILTER (WHERE arm = 'live')::int AS live
     FROM exposures WHERE project_id = $1 AND created_at >= $2::timestamptz AND eligible AND NOT simulated`,
    [projectId, since],
  )
  return [rows[0]?.canary ?? 0, rows[0]?.live ?? 0]
}

const nothing: Outcomes = {
  people: 0,
  exposures: 0,
  shown: 0,
  accepted: { hits: 0, n: 0 },
  metrics: {
    corrected: { hits: 0, n: 0 },
    rejected: { hits: 0, n: 0 },
    undone: { hits: 0, n: 0 },
    withheld: { hits: 0, n: 0 },
    failed: { hits: 0, n: 0 },
  },
  latencyP90Ms: null,
}

function toFigures(counted: Outcomes | null): ArmFigures {
  const { people, exposures, shown, accepted, metrics, latencyP90Ms } = counted ?? nothing
  const share = ({ hits, n }: { hits: number; n: number }) => wilson(hits, n)
  return {
    people,
    exposures,
    shown,
    accepted: share(accepted),
    corrected: share(metrics.corrected),
    rejected: share(metrics.rejected),
    undone: share(metrics.undone),
    withheld: share(metrics.withheld),
    failed: share(metrics.failed),
    latencyP90Ms,
  }
}

async function describeShadow(
  projectId: string,
  { id, name, since }: Placed,
): Promise<ServingStatus['shadows'][number]> {
  const { rows } = await getDb().$client.query(
    `SELECT count(*)::int AS asked, count(*) FILTER (WHERE status NOT IN ('ok', 'none'))::int AS failed,
       count(*) FILTER (WHERE would_show)::int AS shows, count(same_first)::int AS both, count(*) FILTER (WHERE same_first)::int AS same,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY latency_ms) AS p90,
       (SELECT coalesce(sum(dropped), 0)::int FROM shadow_drops d WHERE d.project_id = $1 AND d.model_version_id = $2) AS dropped
     FROM shadow_answers WHERE project_id = $1 AND model_version_id = $2`,
    [projectId, id],
  )
  const row = rows[0]
  return {
    id,
    name,
    since,
    asked: row.asked,
    dropped: row.dropped,
    failed: row.failed,
    wouldShow: wilson(row.shows, row.asked),
    sameFirst: wilson(row.same, row.both),
    latencyP90Ms: row.p90 === null ? null : Math.round(row.p90 * 10) / 10,
  }
}

/** Of the exposures of four weeks under the present share that would have shown something: left out, then shown. */
async function countHoldback(projectId: string): Promise<number[]> {
  const { rows } = await getDb().$client.query<{ held: number; shown: number }>(
    `WITH last AS (SELECT eligible_propensity AS p FROM exposures WHERE project_id = $1 AND eligible AND NOT simulated ORDER BY created_at DESC LIMIT 1)
     SELECT count(*) FILTER (WHERE holdback)::int AS held, count(*) FILTER (WHERE shown)::int AS shown
     FROM (SELECT DISTINCT ON (e.actor_id, e.item_id) e.holdback, e.shown FROM exposures e, last
       WHERE e.project_id = $1 AND e.eligible AND NOT e.simulated AND (e.shown OR e.holdback) AND e.eligible_propensity = last.p
         AND e.created_at > amend.now() - interval '28 days' ORDER BY e.actor_id, e.item_id, e.created_at) x`,
    [projectId],
  )
  return [rows[0]?.held ?? 0, rows[0]?.shown ?? 0]
}

async function readLastChange(projectId: string): Promise<ServingStatus['lastChange']> {
  const { rows } = await getDb().$client.query(
    `SELECT a.after, a.target_id, a.actor_kind, u.name, ${instant('a.created_at')} AS at FROM actions a LEFT JOIN users u ON u.id = a.actor_user_id
     WHERE a.project_id = $1 AND a.kind = $2 ORDER BY a.created_at DESC, a.id DESC LIMIT 1`,
    [projectId, stageKinds.live],
  )
  const row = rows[0]
  if (!row) return null
  const stage = row.after?.stages?.[row.target_id]
  const done = stage === 'live' ? 'put live' : stage === 'canary' ? 'put on trial' : 'taken back'
  return {
    words: `${row.after?.version ?? 'A version'} ${done}`,
    by: row.name ?? (row.actor_kind === 'system' ? 'Amend itself' : null),
    at: row.at,
  }
}
