import 'server-only'
import { setImmediate as breathe } from 'node:timers/promises'
import { feedbackFilter } from '@/contract/v1/feedback'
import { getDb, type Transaction } from '@/db/client'
import { type Bind, dayBegins, editOf, type FeedbackProject, filterConditions } from '@/db/queries/feedback'
import { everything } from '@/domain/explore-words'
import { decideEdges, latencyEdges, sizeEdges, tenths } from '@/domain/monitor-bins'
import { loadTaskType } from '@/tasks/registry'
import { addTo, type DayPart, withinPart } from './day-parts'
import type { StoredCandidate } from './store-prediction'

/** Whole numbers below this are names of groups; larger ones and fractions are measures, which would be a slice each. */
const mostGroups = 10
const wordsPerChunk = 500

const binOf = (value: string, edges: readonly number[]) =>
  `width_bucket(${value}, ARRAY[${edges.join()}]::float8[])`
const tenthOf = (value: string) =>
  `CASE WHEN ${value} IS NOT NULL THEN least(width_bucket(${value}, 0, 1, ${tenths}) - 1, ${tenths - 1}) END`
const ofEach = (value: string, places: number, condition = 'true') =>
  `ARRAY[${Array.from({ length: places }, (_, at) => `count(*) FILTER (WHERE ${value} = ${at} AND ${condition})`).join(', ')}]::int[]`
const counted = (condition: string) => `count(*) FILTER (WHERE ${condition})::int`
const summed = (value: string) =>
  `count(${value})::int, coalesce(sum(${value}), 0)::float8, coalesce(sum(${value} * ${value}), 0)::float8`

const modelFaults = `('model-slow', 'model-down', 'model-wrong-shape')`
/** Why nothing was shown that no guardrail decided. */
const notHeldBack = `('model-slow', 'model-down', 'model-wrong-shape', 'model-none', 'no-live-model', 'opted-out', 'unreachable', 'too-late', 'not-asked', 'holdback', 'paused')`

const countColumns = `exposures, blind, eligible, offered, seen, accepted, corrected, rejected, dismissed, written, ignored, undone, errors, held_back,
  explored, with_propensity, latency, decided, undecided, confidence, edit, input_size, final_size,
  settled_n, settled_sum, settled_squares, saved_n, saved_sum, saved_squares, apart_n, apart_sum, apart_squares`
const binColumns = ['latency', 'decided', 'undecided', 'confidence', 'edit', 'input_size', 'final_size']
const addCounts = addTo('monitor_counts', countColumns.split(/,\s*/), binColumns)

const countValues = [
  counted('NOT blind'),
  counted('blind'),
  counted('eligible AND NOT blind'),
  counted('offered'),
  counted('seen'),
  ...['accepted', 'corrected', 'rejected', 'dismissed', 'written', 'ignored'].map(state =>
    counted(`seen AND state = '${state}'`),
  ),
  counted('seen AND undone'),
  counted(`NOT blind AND reason IN ${modelFaults}`),
  counted(`NOT blind AND eligible AND reason NOT IN ${notHeldBack}`),
  counted('offered AND explored'),
  counted('offered AND probable'),
  ofEach('latency', latencyEdges.length + 1),
  ofEach('visible', decideEdges.length + 1, `seen AND state NOT IN ('open', 'ignored')`),
  ofEach(`coalesce(visible, ${decideEdges.length})`, decideEdges.length + 1, `seen AND state = 'ignored'`),
  ofEach('confidence', tenths, 'offered'),
  ofEach('edit', tenths, 'seen'),
  ofEach('input_size', sizeEdges.length + 1, 'NOT blind'),
  ofEach('final_size', sizeEdges.length + 1, 'NOT blind'),
  summed('settled_ms'),
  summed('saved'),
  summed('apart'),
].join(', ')

/**
 * Counts a part of a day for the monitors: of everything also by attribute and by hour, of a saved slice the day alone. In
 * the transaction that counts the same day for the explorer.
 */
export async function countMonitors(
  tx: Transaction,
  project: FeedbackProject,
  { sliceId, day, part }: { sliceId: string; day: string; part: DayPart },
  query: Record<string, unknown>,
): Promise<void> {
  const whole = sliceId === everything
  const values: (string | number)[] = []
  const bind: Bind = value => `$${values.push(value)}`
  const filter = { ...feedbackFilter.parse(query), simulated: 'include' as const }
  const conditions = filterConditions(project, filter, bind)
  conditions.push(withinPart(project, day, part, bind))
  const zone = bind(project.timeZone)
  const ofDay = `${bind(day)}::date`
  const slices = whole
    ? `(SELECT '' AS slice UNION ALL SELECT x.key || '=' || (x.value #>> '{}') FROM jsonb_each(e.slice_attributes) x
         WHERE CASE jsonb_typeof(x.value) WHEN 'string' THEN x.value #>> '{}' <> '' WHEN 'boolean' THEN true
           WHEN 'number' THEN (x.value)::numeric = trunc((x.value)::numeric) AND (x.value)::numeric BETWEEN 0 AND ${mostGroups - 1} ELSE false END)`
    : `(SELECT ${bind(sliceId)}::text AS slice)`
  await tx.$client.query(
    `INSERT INTO monitor_counts (project_id, slice, day, hour, model_version_id, arm, simulated, ${countColumns})
     SELECT project_id, slice, ${ofDay}, CASE WHEN grouping(hour) = 1 THEN -1 ELSE hour END, version, arm, simulated, ${countValues}
     FROM (SELECT d.project_id, s.slice, extract(hour FROM d.exposed_at AT TIME ZONE ${zone})::smallint AS hour,
         coalesce(d.model_version_id, '${everything}') AS version, CASE WHEN e.holdback THEN 'holdback' ELSE e.arm END AS arm, d.simulated,
         e.blind, e.eligible, e.suppressed_reason AS reason, NOT e.blind AND d.suggestion_shown AS offered,
         NOT e.blind AND d.suggestion_shown AND d.shown AS seen, d.state, d.ever_undone AS undone,
         EXISTS (SELECT FROM jsonb_array_elements(e.candidates) c WHERE (c->>'propensity')::float8 < 1) AS explored,
         NOT EXISTS (SELECT FROM jsonb_array_elements(e.candidates) c WHERE c->>'propensity' IS NULL) AS probable,
         ${binOf('e.latency_ms', latencyEdges)} AS latency, ${binOf('v.visible_ms', decideEdges)} AS visible,
         ${tenthOf('d.confidence')} AS confidence, ${tenthOf(`(${editOf})::float8`)} AS edit,
         ${binOf(`length(ic.body::text)::float8`, sizeEdges)} AS input_size, ${binOf('w.final_size::float8', sizeEdges)} AS final_size,
         CASE WHEN NOT e.blind AND d.state IN ('accepted', 'corrected', 'written') THEN v.visible_ms END AS settled_ms,
         CASE WHEN NOT e.blind THEN w.saved END AS saved, CASE WHEN NOT e.blind THEN w.apart END AS apart
       FROM decisions d
       JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
       JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id
       JOIN contents ic ON ic.project_id = d.project_id AND ic.id = i.content_id
       LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id
       LEFT JOIN feedback_events v ON v.project_id = d.project_id AND v.id = d.event_id
       LEFT JOIN decision_measures w ON w.project_id = d.project_id AND w.exposure_id = d.exposure_id AND w.event_id = d.event_id
       CROSS JOIN LATERAL ${slices} s
       WHERE ${conditions.join(' AND ')}) r
     GROUP BY project_id, slice, version, arm, simulated, GROUPING SETS ((), (hour))
     HAVING grouping(hour) = 1 OR slice = ''
     ON CONFLICT ON CONSTRAINT monitor_counts_pk DO UPDATE SET ${addCounts}`,
    values,
  )
  if (whole) await countTrips(tx, project, day, part)
}

async function countTrips(
  tx: Transaction,
  project: FeedbackProject,
  day: string,
  part: DayPart,
): Promise<void> {
  const values: (string | number)[] = [project.projectId]
  const bind: Bind = value => `$${values.push(value)}`
  await tx.$client.query(
    `INSERT INTO monitor_trips (project_id, day, rule, model_version_id, simulated, held_back, filtered)
     SELECT e.project_id, ${bind(day)}::date, g->>'rule', coalesce(e.model_version_id, '${everything}'), e.simulated,
       ${counted(`g->>'verdict' = 'suppress'`)}, ${counted(`g->>'verdict' = 'filter'`)}
     FROM decisions d JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
     CROSS JOIN LATERAL jsonb_array_elements(e.guardrail_result) g
     WHERE d.project_id = $1 AND ${withinPart(project, day, part, bind)}
       AND e.eligible AND NOT e.blind AND g->>'verdict' <> 'pass' AND g->>'rule' NOT IN ${notHeldBack}
     GROUP BY 1, 3, 4, 5
     ON CONFLICT ON CONSTRAINT monitor_trips_pk DO UPDATE SET ${addTo('monitor_trips', ['held_back', 'filtered'])}`,
    values,
  )
}

/** What was counted of a slice's day goes, to be counted again. */
export async function forgetMonitors(
  tx: Transaction,
  projectId: string,
  sliceId: string,
  day: string,
): Promise<void> {
  if (sliceId !== everything) {
    await tx.$client.query('DELETE FROM monitor_counts WHERE project_id = $1 AND slice = $2 AND day = $3', [
      projectId,
      sliceId,
      day,
    ])
    return
  }
  await tx.$client.query(
    `DELETE FROM monitor_counts WHERE project_id = $1 AND day = $2 AND (slice = '' OR slice LIKE '%=%')`,
    [projectId, day],
  )
  for (const kept of ['monitor_trips', 'monitor_outcomes'])
    await tx.$client.query(`DELETE FROM ${kept} WHERE project_id = $1 AND day = $2`, [projectId, day])
}

/** Measures the texts of a day that have no measure yet: how long they are, what was spared, how far from the suggestion. */
export async function measureTexts(
  project: FeedbackProject & { taskType: string },
  day: string,
): Promise<void> {
  const { textOf, editDistance } = await loadTaskType(project.taskType)
  const values: (string | number)[] = [project.projectId]
  const bind: Bind = value => `$${values.push(value)}`
  const within = `d.exposed_at >= ${dayBegins(project, day, bind)} AND d.exposed_at < ${dayBegins(project, day, bind, 1)}`
  const after = bind(everything)
  for (;;) {
    const { rows } = await getDb().$client.query<{
      exposureId: string
      eventId: string
      state: string
      candidateId: string | null
      firstId: string | null
      candidates: StoredCandidate[] | null
      after: unknown
    }>(
      `SELECT d.exposure_id AS "exposureId", d.event_id AS "eventId", d.state, d.candidate_id AS "candidateId",
         e.candidates->0->>'id' AS "firstId", pc.body AS candidates, ac.body AS after
       FROM decisions d
       JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
       LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id
       LEFT JOIN predictions p ON p.project_id = d.project_id AND p.id = e.prediction_id
       LEFT JOIN contents pc ON pc.project_id = d.project_id AND pc.id = p.content_id
       WHERE d.project_id = $1 AND d.state IN ('accepted', 'corrected', 'written') AND d.event_id IS NOT NULL AND ${within} AND d.exposure_id > ${after}::uuid
         AND NOT EXISTS (SELECT FROM decision_measures x WHERE x.project_id = d.project_id AND x.exposure_id = d.exposure_id AND x.event_id = d.event_id)
       ORDER BY d.exposure_id LIMIT ${wordsPerChunk}`,
      values,
    )
    const measured = rows.flatMap(row => {
      const picked = row.candidates?.find(candidate => candidate.id === row.candidateId)?.value
      const first = (row.candidates?.find(candidate => candidate.id === row.firstId) ?? row.candidates?.[0])
        ?.value
      const final = row.state === 'accepted' ? picked : row.after
      if (final === undefined || final === null) return []
      const finalSize = [...textOf(final as never)].length
      const suggested = row.state === 'written' ? null : (picked ?? null)
      // One key chooses; what differs is typed or deleted, a key a character.
      const typed =
        suggested === null
          ? null
          : Math.round(
              editDistance(suggested as never, final as never) *
                Math.max(finalSize, [...textOf(suggested as never)].length),
            )
      return [
        {
          ...row,
          finalSize,
          saved: typed === null ? null : finalSize - typed - 1,
          apart: first === undefined || first === null ? null : editDistance(first as never, final as never),
        },
      ]
    })
    await getDb().$client.query(
      `INSERT INTO decision_measures (project_id, exposure_id, event_id, final_size, saved, apart)
       SELECT $1, x, v, f, s, a FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::float8[]) AS y(x, v, f, s, a)
       ON CONFLICT (project_id, exposure_id) DO UPDATE
         SET event_id = excluded.event_id, final_size = excluded.final_size, saved = excluded.saved, apart = excluded.apart`,
      [
        project.projectId,
        measured.map(row => row.exposureId),
        measured.map(row => row.eventId),
        measured.map(row => row.finalSize),
        measured.map(row => row.saved),
        measured.map(row => row.apart),
      ],
    )
    const last = rows.at(-1)
    if (!last || rows.length < wordsPerChunk) return
    values[values.length - 1] = last.exposureId
    // Measuring is work for this process; others have their turn between two chunks.
    await breathe()
  }
}
