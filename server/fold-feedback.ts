import 'server-only'
import { setImmediate as breathe } from 'node:timers/promises'
import { feedbackFilter } from '@/contract/v1/feedback'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import {
  type Bind,
  dayBegins,
  editOf,
  type FeedbackProject,
  filterConditions,
  type StoredCandidate,
} from '@/db/queries/feedback'
import { everything } from '@/domain/explore-words'
import { loadTaskType } from '@/tasks/registry'
import { addTo, cutDay, type DayPart, withinPart } from './day-parts'
import { countMonitors, forgetMonitors, measureTexts } from './fold-monitors'
import { countTruth } from './fold-truth'

interface FoldedProject extends FeedbackProject {
  taskType: string
}

/** Slices by words, tags or disputes change without a new event: these are counted again so often. */
const recountAfter = '10 minutes'
/** Small enough that no statement works for much longer than a second. */
export interface FoldLimits {
  /** Days of slices that one call counts. */
  days: number
  /** Rows of the log whose days are marked at once. */
  marked: number
  /** Decisions of a day that are counted at once. */
  counted: number
}
const usualLimits: FoldLimits = { days: 50, marked: 20_000, counted: 4_000 }
const editsPerChunk = 200

/**
 * Marks the days that the log has touched since the last time and counts them again, project by project; gives back how
 * many days were counted. Any number of servers may call this: one at a time folds a project.
 */
export async function foldDue(): Promise<number> {
  const { rows } = await getDb().$client.query<{ id: string }>(
    `SELECT p.id FROM projects p LEFT JOIN feedback_folds f ON f.project_id = p.id
     WHERE EXISTS (SELECT FROM exposures e WHERE e.project_id = p.id AND e.xid >= coalesce(f.folded_xid, '0') AND e.xid < pg_snapshot_xmin(pg_current_snapshot()))
       OR EXISTS (SELECT FROM feedback_events v WHERE v.project_id = p.id AND v.xid >= coalesce(f.folded_xid, '0') AND v.xid < pg_snapshot_xmin(pg_current_snapshot()))
       OR EXISTS (SELECT FROM feedback_dirty_days y WHERE y.project_id = p.id)
       OR f.time_zone <> p.time_zone OR f.folded_xid > pg_snapshot_xmin(pg_current_snapshot())
       OR (f.slices_at < amend.now() - $1::interval AND EXISTS (SELECT FROM saved_views s WHERE s.project_id = p.id AND s.kind = 'slice' AND s.archived_at IS NULL AND ${changesBesides('s')}))`,
    [recountAfter],
  )
  let counted = 0
  for (const { id } of rows) counted += await foldProject(id)
  return counted
}

const changesBesides = (slice: string) =>
  `${slice}.query ?| ARRAY['text', 'tag', 'group', 'import', 'excluded', 'show']`

/**
 * Brings the counts of one project up to its log; gives back how many days of slices were counted. Each stretch of the log
 * that is marked and each day that is counted is committed by itself: whoever is stopped in between goes on from there.
 */
export async function foldProject(projectId: string, limits = usualLimits): Promise<number> {
  let project = await markTouched(projectId, limits.marked)
  while (project?.more) project = await markTouched(projectId, limits.marked)
  if (!project) return 0
  let counted = 0
  while (counted < limits.days && (await countOne(project, limits.counted))) counted++
  return counted
}

/** Takes the project for this transaction; null while another folds it. */
async function take(tx: Transaction, projectId: string): Promise<FoldedProject | null> {
  const { rows } = await tx.$client.query<FoldedProject>(
    `SELECT f.project_id AS "projectId", f.time_zone AS "timeZone", p.task_type AS "taskType"
     FROM feedback_folds f JOIN projects p ON p.id = f.project_id WHERE f.project_id = $1 FOR UPDATE OF f SKIP LOCKED`,
    [projectId],
  )
  return rows[0] ?? null
}

/**
 * Finds the days of what was committed since the last fold. `seq` is handed out before commit, so the watermark is a
 * transaction: everything below the oldest one that still runs is there to be seen.
 */
async function markTouched(
  projectId: string,
  atOnce: number,
): Promise<(FoldedProject & { more: boolean }) | null> {
  return withTransaction(async tx => {
    await tx.$client.query(
      `INSERT INTO feedback_folds (project_id, time_zone) SELECT id, time_zone FROM projects WHERE id = $1 ON CONFLICT DO NOTHING`,
      [projectId],
    )
    const taken = await take(tx, projectId)
    if (!taken) return null
    await startAgainIfMoved(tx, projectId)
    const { rows } = await tx.$client.query<{
      from: string
      to: string
      more: boolean
      timeZone: string
      slices: boolean
    }>(
      // A transaction is marked whole, however much it wrote.
      `SELECT f.folded_xid::text AS from, x.to::text AS to, x.to < x.oldest AS more, f.time_zone AS "timeZone",
         f.slices_at < amend.now() - $2::interval AS slices
       FROM feedback_folds f CROSS JOIN LATERAL (SELECT o.oldest, least(o.oldest, ${['exposures', 'feedback_events'].map(nextAfter).join(', ')}) AS to
         FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest) o) x WHERE f.project_id = $1`,
      [projectId, recountAfter, atOnce],
    )
    const [
      { from, to, more, timeZone, slices } = {
        from: '0',
        to: '0',
        more: false,
        timeZone: taken.timeZone,
        slices: false,
      },
    ] = rows
    await tx.$client.query(
      `INSERT INTO feedback_dirty_days (project_id, slice_id, day)
       SELECT $1, s.id, x.day FROM (
         SELECT (e.created_at AT TIME ZONE $4)::date AS day FROM exposures e
           WHERE e.project_id = $1 AND e.xid >= $2::text::xid8 AND e.xid < $3::text::xid8
         UNION SELECT (d.exposed_at AT TIME ZONE $4)::date FROM feedback_events v
           JOIN decisions d ON d.project_id = v.project_id AND d.exposure_id = v.exposure_id
           WHERE v.project_id = $1 AND v.xid >= $2::text::xid8 AND v.xid < $3::text::xid8) x
       CROSS JOIN (SELECT $5::uuid AS id UNION ALL SELECT id FROM saved_views WHERE project_id = $1 AND kind = 'slice' AND archived_at IS NULL) s
       ON CONFLICT DO NOTHING`,
      [projectId, from, to, timeZone, everything],
    )
    if (slices) await markSlices(tx, projectId, changesBesides('s'))
    await tx.$client.query(
      `UPDATE feedback_folds SET folded_xid = $2::text::xid8, folded_at = amend.now(), slices_at = CASE WHEN $3 THEN amend.now() ELSE slices_at END WHERE project_id = $1`,
      [projectId, to, slices],
    )
    return { ...taken, timeZone, more }
  })
}

/** SQL: the transaction before which a fold has marked about `$3` rows of a table since the last one; null where fewer are left. */
const nextAfter = (table: string) =>
  `(SELECT greatest(t.xid, (f.folded_xid::text::numeric + 1)::text::xid8) FROM ${table} t
    WHERE t.project_id = f.project_id AND t.xid >= f.folded_xid ORDER BY t.xid OFFSET $3 LIMIT 1)`

/** Days are cut anew when the zone changes; transactions are numbered anew where a backup was restored. */
async function startAgainIfMoved(tx: Transaction, projectId: string): Promise<void> {
  const { rowCount } = await tx.$client.query(
    `UPDATE feedback_folds f SET folded_xid = '0', time_zone = p.time_zone FROM projects p
     WHERE f.project_id = $1 AND p.id = $1 AND (f.time_zone <> p.time_zone OR f.folded_xid > pg_snapshot_xmin(pg_current_snapshot()))`,
    [projectId],
  )
  if (!rowCount) return
  for (const kept of ['feedback_days', 'monitor_counts', 'monitor_trips', 'monitor_outcomes'])
    await tx.$client.query(`DELETE FROM ${kept} WHERE project_id = $1`, [projectId])
  await tx.$client.query('DELETE FROM feedback_dirty_days WHERE project_id = $1', [projectId])
}

/** Every day that holds anything is counted again for these slices. */
async function markSlices(tx: Transaction, projectId: string, condition: string): Promise<void> {
  await tx.$client.query(
    `INSERT INTO feedback_dirty_days (project_id, slice_id, day)
     SELECT DISTINCT $1::uuid, s.id, x.day FROM feedback_days x CROSS JOIN saved_views s
     WHERE x.project_id = $1 AND x.slice_id = $2 AND s.project_id = $1 AND s.kind = 'slice' AND s.archived_at IS NULL AND ${condition}
     ON CONFLICT DO NOTHING`,
    [projectId, everything],
  )
}

/** A slice that is new or has another filter: its old counts go, and all its days are to be counted. */
export async function recountSlice(tx: Transaction, projectId: string, sliceId: string): Promise<void> {
  // Whoever folds this project right now finishes first.
  await tx.$client.query('SELECT FROM feedback_folds WHERE project_id = $1 FOR UPDATE', [projectId])
  await tx.$client.query('DELETE FROM feedback_days WHERE project_id = $1 AND slice_id = $2', [
    projectId,
    sliceId,
  ])
  await tx.$client.query('DELETE FROM monitor_counts WHERE project_id = $1 AND slice = $2::text', [
    projectId,
    sliceId,
  ])
  await tx.$client.query(
    `INSERT INTO feedback_dirty_days (project_id, slice_id, day)
     SELECT DISTINCT $1::uuid, $3::uuid, day FROM feedback_days WHERE project_id = $1 AND slice_id = $2 ON CONFLICT DO NOTHING`,
    [projectId, everything, sliceId],
  )
}

interface MarkedDay {
  sliceId: string
  day: string
}

/** Counts the newest marked day of a slice; false when nothing is marked, or another server folds. */
async function countOne(project: FoldedProject, atOnce: number): Promise<boolean> {
  const { rows } = await getDb().$client.query<MarkedDay>(
    `SELECT slice_id AS "sliceId", day::text FROM feedback_dirty_days WHERE project_id = $1 ORDER BY day DESC, slice_id LIMIT 1`,
    [project.projectId],
  )
  const marked = rows[0]
  if (!marked) return false
  // The nil uuid comes first of a day: slices find every correction measured.
  if (marked.sliceId === everything) {
    await measureEdits(project, marked.day)
    await measureTexts(project, marked.day)
  }
  return withTransaction(async tx => {
    if (!(await take(tx, project.projectId))) return false
    const ofDay = [project.projectId, marked.sliceId, marked.day]
    await tx.$client.query(
      'DELETE FROM feedback_dirty_days WHERE project_id = $1 AND slice_id = $2 AND day = $3',
      ofDay,
    )
    await tx.$client.query(
      'DELETE FROM feedback_days WHERE project_id = $1 AND slice_id = $2 AND day = $3',
      ofDay,
    )
    await forgetMonitors(tx, project.projectId, marked.sliceId, marked.day)
    const query = await readSlice(tx, project.projectId, marked.sliceId)
    if (!query) return true
    for (const part of await cutDay(tx, project, marked.day, atOnce)) {
      await countDay(tx, project, { ...marked, part }, query)
      await countMonitors(tx, project, { ...marked, part }, query)
      if (marked.sliceId === everything) await countTruth(tx, project, { day: marked.day, part })
    }
    return true
  })
}

async function readSlice(
  tx: Transaction,
  projectId: string,
  sliceId: string,
): Promise<Record<string, unknown> | null> {
  if (sliceId === everything) return {}
  const { rows } = await tx.$client.query<{ query: Record<string, unknown> }>(
    `SELECT query FROM saved_views WHERE project_id = $1 AND id = $2 AND kind = 'slice' AND archived_at IS NULL`,
    [projectId, sliceId],
  )
  return rows[0]?.query ?? null
}

const binColumns = ['confidence', 'edit', 'hours']
const ofEach = (value: string, places: number) =>
  `ARRAY[${Array.from({ length: places }, (_, at) => `count(*) FILTER (WHERE ${value} = ${at})`).join(', ')}]::int[]`

/** Tenths of 0–1, from 0; the last one holds 1 as well. `least` alone would make the last one of nothing. */
const tenthOf = (value: string) =>
  `CASE WHEN ${value} IS NOT NULL THEN least(width_bucket(${value}, 0, 1, 10) - 1, 9) END`

async function countDay(
  tx: Transaction,
  project: FoldedProject,
  { sliceId, day, part }: MarkedDay & { part: DayPart },
  query: Record<string, unknown>,
): Promise<void> {
  const values: (string | number)[] = [sliceId]
  const bind: Bind = value => `$${values.push(value)}`
  // Simulated rows are counted apart, whatever a slice says of them.
  const filter = { ...feedbackFilter.parse(query), simulated: 'include' as const }
  const conditions = filterConditions(project, filter, bind)
  conditions.push(withinPart(project, day, part, bind))
  const zone = bind(project.timeZone)
  const ofDay = `${bind(day)}::date`
  await tx.$client.query(
    `INSERT INTO feedback_days (project_id, slice_id, day, model_version_id, state, suggestion_shown, blind, ever_undone, sample, simulated, n, confidence, edit, hours)
     SELECT project_id, $1::uuid, ${ofDay}, version, state, suggestion_shown, blind, ever_undone, sample, simulated, count(*)::int,
       ${ofEach('confidence', 10)}, ${ofEach('edit', 10)}, ${ofEach('hour', 24)}
     FROM (SELECT d.project_id, coalesce(d.model_version_id, '${everything}') AS version, d.state, d.suggestion_shown, e.blind, d.ever_undone, d.sample, d.simulated,
         ${tenthOf('d.confidence')} AS confidence, ${tenthOf(`(${editOf})::float8`)} AS edit, extract(hour FROM d.exposed_at AT TIME ZONE ${zone})::int AS hour
       FROM decisions d
       JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
       ${sliceId === everything ? '' : slicedBy} WHERE ${conditions.join(' AND ')}) r
     GROUP BY project_id, version, state, suggestion_shown, blind, ever_undone, sample, simulated
     ON CONFLICT ON CONSTRAINT feedback_days_pk DO UPDATE SET ${addTo('feedback_days', ['n', ...binColumns], binColumns)}`,
    values,
  )
}

/** What else a slice's filter may ask of. */
const slicedBy = `JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id
       JOIN contents ic ON ic.project_id = d.project_id AND ic.id = i.content_id
       LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id`

/** Measures the corrections of a day that have no distance yet. */
async function measureEdits(project: FoldedProject, day: string): Promise<void> {
  const { editDistance } = await loadTaskType(project.taskType)
  const pool = getDb().$client
  const values: (string | number)[] = [project.projectId]
  const bind: Bind = value => `$${values.push(value)}`
  const within = `d.exposed_at >= ${dayBegins(project, day, bind)} AND d.exposed_at < ${dayBegins(project, day, bind, 1)}`
  const after = bind(everything)
  for (;;) {
    const { rows } = await pool.query<{
      exposureId: string
      eventId: string
      candidateId: string
      candidates: StoredCandidate[]
      after: unknown
    }>(
      `SELECT d.exposure_id AS "exposureId", d.event_id AS "eventId", d.candidate_id AS "candidateId", pc.body AS candidates, ac.body AS after
       FROM decisions d
       JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
       JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id AND ac.body IS NOT NULL
       JOIN predictions p ON p.project_id = d.project_id AND p.id = e.prediction_id
       JOIN contents pc ON pc.project_id = d.project_id AND pc.id = p.content_id AND pc.body IS NOT NULL
       WHERE d.project_id = $1 AND d.state = 'corrected' AND d.candidate_id IS NOT NULL AND d.event_id IS NOT NULL AND ${within} AND d.exposure_id > ${after}::uuid
         AND NOT EXISTS (SELECT FROM decision_edits x WHERE x.project_id = d.project_id AND x.exposure_id = d.exposure_id AND x.event_id = d.event_id)
       ORDER BY d.exposure_id LIMIT ${editsPerChunk}`,
      values,
    )
    const measured = rows.flatMap(row => {
      const before = row.candidates.find(candidate => candidate.id === row.candidateId)?.value
      return before === undefined || before === null
        ? []
        : [{ ...row, edit: editDistance(before as never, row.after as never) }]
    })
    await pool.query(
      `INSERT INTO decision_edits (project_id, exposure_id, event_id, edit)
       SELECT $1, x, v, d FROM unnest($2::uuid[], $3::uuid[], $4::float8[]) AS y(x, v, d)
       ON CONFLICT (project_id, exposure_id) DO UPDATE SET event_id = excluded.event_id, edit = excluded.edit`,
      [
        project.projectId,
        measured.map(row => row.exposureId),
        measured.map(row => row.eventId),
        measured.map(row => row.edit),
      ],
    )
    const last = rows.at(-1)
    if (!last || rows.length < editsPerChunk) return
    values[values.length - 1] = last.exposureId
    // Measuring is work for this process; others have their turn between two chunks.
    await breathe()
  }
}
