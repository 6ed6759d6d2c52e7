import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import type { Bind, FeedbackProject } from '@/db/queries/feedback'
import { everything } from '@/domain/explore-words'
import { type MeanEstimate, meanOfGroups } from '@/domain/metrics-numeric'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import { addTo, beforePart, type DayPart, withinPart } from './day-parts'
import type { StoredCandidate } from './store-prediction'

interface Row {
  version: string
  simulated: boolean
  payload: unknown
  truth: unknown
  firstId: string | null
  candidates: StoredCandidate[]
}

/** An exposure `e` with its forecast that was made before what it came to was known. */
const forecastOf = (d: string, e: string, p: string, pc: string) =>
  `JOIN exposures ${e} ON ${e}.project_id = ${d}.project_id AND ${e}.id = ${d}.exposure_id AND ${e}.created_at < o.known_at
     JOIN predictions ${p} ON ${p}.project_id = ${d}.project_id AND ${p}.id = ${e}.prediction_id
     JOIN contents ${pc} ON ${pc}.project_id = ${d}.project_id AND ${pc}.id = ${p}.content_id AND jsonb_typeof(${pc}.body) = 'array'`

/**
 * Counts how far the forecasts of a part of a day were from what they came to: those that were shown, or would have been and
 * were held back, before the outcome that stands was known. Each forecast of an item counts once a day and version: at the
 * first time. The parts of a day are counted one after another.
 */
export async function countTruth(
  tx: Transaction,
  project: FeedbackProject & { taskType: string },
  { day, part }: { day: string; part: DayPart },
): Promise<void> {
  const { numberOf, groupOf } = await loadTaskType(project.taskType)
  if (!numberOf) return
  const values: (string | number)[] = [project.projectId]
  const bind: Bind = value => `$${values.push(value)}`
  const countedBefore = () => `EXISTS (SELECT FROM decisions b ${forecastOf('b', 'be', 'bp', 'bc')}
    WHERE b.project_id = d.project_id AND b.item_id = d.item_id AND b.simulated = d.simulated
      AND b.model_version_id IS NOT DISTINCT FROM d.model_version_id AND ${beforePart(project, day, part, bind, 'b')})`
  const { rows } = await tx.$client.query<Row>(
    `SELECT DISTINCT ON (version, d.simulated, d.item_id) coalesce(d.model_version_id, '${everything}') AS version, d.simulated,
       ic.body AS payload, oc.body AS truth, e.candidates->0->>'id' AS "firstId", pc.body AS candidates
     FROM decisions d
     JOIN item_outcomes o ON o.project_id = d.project_id AND o.item_id = d.item_id
     ${forecastOf('d', 'e', 'p', 'pc')}
     JOIN contents oc ON oc.project_id = d.project_id AND oc.id = o.content_id AND oc.body IS NOT NULL
     JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id
     JOIN contents ic ON ic.project_id = d.project_id AND ic.id = i.content_id AND ic.body IS NOT NULL
     WHERE d.project_id = $1 AND ${withinPart(project, day, part, bind)}
       ${part.at === 0 ? '' : `AND NOT ${countedBefore()}`}
     ORDER BY version, d.simulated, d.item_id, e.created_at`,
    values,
  )
  const kept = new Map<
    string,
    { version: string; simulated: boolean; group: string; n: number; error: number }
  >()
  for (const { version, simulated, payload, truth, firstId, candidates } of rows) {
    const first = (candidates.find(one => one.id === firstId) ?? candidates[0])?.value
    if (first === undefined || first === null) continue
    const group = hashJson(groupOf?.(payload as never) ?? payload)
    const key = `${version} ${simulated} ${group}`
    const of = kept.get(key) ?? { version, simulated, group, n: 0, error: 0 }
    of.n += 1
    of.error += Math.abs(numberOf(first as never) - numberOf(truth as never))
    kept.set(key, of)
  }
  await tx.$client.query(
    `INSERT INTO monitor_outcomes (project_id, day, model_version_id, simulated, group_hash, n, error)
     SELECT $1, $2, version, simulated, "group", n, error
     FROM jsonb_to_recordset($3::jsonb) AS r(version uuid, simulated boolean, "group" text, n int, error float8)
     ON CONFLICT ON CONSTRAINT monitor_outcomes_pk DO UPDATE SET ${addTo('monitor_outcomes', ['n', 'error'])}`,
    [project.projectId, day, JSON.stringify([...kept.values()])],
  )
}

/** Marks the days on which items were shown whose outcome is another now, to be counted again. */
export async function markShownDays(
  tx: Transaction,
  projectId: string,
  itemIds: readonly string[],
): Promise<void> {
  // A mark that is there is written again: whoever counts that day then waits until this outcome can be seen.
  await tx.$client.query(
    `INSERT INTO feedback_dirty_days (project_id, slice_id, day)
     SELECT DISTINCT $1::uuid, $3::uuid, (d.exposed_at AT TIME ZONE f.time_zone)::date
     FROM decisions d JOIN feedback_folds f ON f.project_id = d.project_id
     WHERE d.project_id = $1 AND d.item_id = ANY($2::uuid[]) ORDER BY 3
     ON CONFLICT (project_id, slice_id, day) DO UPDATE SET day = excluded.day`,
    [projectId, itemIds, everything],
  )
}

/** Mean absolute error of the forecasts of some days, from what is kept; weeks, or whatever goes together, are its groups. */
export async function readTruthError(
  projectId: string,
  wanted: { from: string; to: string; simulated: boolean; version?: string | undefined },
): Promise<{ n: number; error: MeanEstimate | null }> {
  const { rows } = await getDb().$client.query<{ n: number; sum: number }>(
    `SELECT sum(n)::int AS n, sum(error)::float8 AS sum FROM monitor_outcomes
     WHERE project_id = $1 AND day >= $2::date AND day <= $3::date AND ($4 OR NOT simulated) AND ($5::uuid IS NULL OR model_version_id = $5)
     GROUP BY group_hash`,
    [projectId, wanted.from, wanted.to, wanted.simulated, wanted.version ?? null],
  )
  return { n: rows.reduce((all, row) => all + row.n, 0), error: meanOfGroups(rows) }
}
