import 'server-only'
import { getDb } from '@/db/client'
import { placeColumns } from '@/db/queries/datasets'
import { type Split, splits } from '@/domain/dataset-split'
import type { LeftOutReason, VersionCounts } from '@/domain/dataset-words'
import { type PlaceReason, type Places, placeReasons, placeRows } from '@/domain/place-rows'
import { loadTaskType } from '@/tasks/registry'
import { findCuts } from './place-cuts'
import { collectFacts, type PlaceRow, placeRulesOf, takeTurns, utcOf } from './place-facts'
import type { FreezeWork } from './run-freeze'
import type { RunningJob } from './run-job'
import { sliceText } from './slices'

/** Where a pick stands: in a split, or left out. */
export type Place = { split: Split; reason: PlaceReason; kept: number } | { leftOut: LeftOutReason }

const picksPerRead = 4000
const picksPerWrite = 10_000

/**
 * Decides over all picks together where each stands, and writes it beside them. A worker that takes over decides
 * anew, from the same picks and by hash, so it comes to the same.
 */
export async function placePicks(job: RunningJob, work: FreezeWork): Promise<void> {
  if (work.counts.placed) return
  const { rules, timeZone } = work.definition
  const cuts = await findCuts(job.projectId, work.datasetId, rules, timeZone)
  const collected = collectFacts(work.counts.picked ?? 0, rules)
  const at = new Int32Array(work.counts.picked ?? 0)
  let read = 0
  for await (const rows of readPicks(job.projectId, work))
    for (const row of rows) {
      at[read++] = row.at
      collected.add(row)
    }
  const facts = collected.facts()
  const places = await takeTurns(placeRows(facts, placeRulesOf(rules, cuts)))
  for (let from = 0; from < facts.rows; from += picksPerWrite)
    await writePlaces(job, work, places, at, from, Math.min(from + picksPerWrite, facts.rows))
  await job.chunk(async tx => {
    const counts: Partial<VersionCounts> = {
      leftOut: leftOutOf(work.counts.leftOut ?? {}, places, facts.rows),
      placed: true,
      ...(places.cuts
        ? {
            cuts: {
              validationFrom: utcOf(places.cuts.validationFrom),
              testFrom: utcOf(places.cuts.testFrom),
            },
          }
        : {}),
    }
    work.counts = { ...work.counts, ...counts }
    await tx.$client.query(
      'UPDATE dataset_versions SET counts = counts || $3 WHERE project_id = $1 AND id = $2',
      [job.projectId, work.id, counts],
    )
    return { done: 0, message: 'Rows are parted' }
  })
}

type ReadPick = PlaceRow & { at: number }

/** Every pick that still stands, some at a time, with what the first frozen version made of its group. */
async function* readPicks(
  projectId: string,
  { id, definition, counts }: FreezeWork,
): AsyncGenerator<ReadPick[]> {
  const by = definition.rules.balance?.by
  const slice = by?.startsWith('slice.') ? by.slice('slice.'.length) : null
  const task = slice ? await loadTaskType(definition.taskType) : null
  for (let after = 0; ; ) {
    const { rows } = await getDb().$client.query<
      Omit<ReadPick, 'kind'> & { label: string; payload: unknown }
    >(
      `SELECT ${placeColumns('p.body', `p.body->>'groupKey'`)}, p.cluster_key AS "clusterKey", p.body->>'label' AS label,
         g.split AS first, ${slice ? 'c.body' : 'NULL::jsonb'} AS payload
       FROM dataset_picks p LEFT JOIN dataset_groups g ON g.project_id = p.project_id AND g.group_key = p.body->>'groupKey'
       ${slice ? `LEFT JOIN contents c ON c.project_id = p.project_id AND c.id = (p.body->>'itemContentId')::uuid` : ''}
       WHERE p.project_id = $1 AND p.version_id = $2 AND p.at > $3 AND p.at <= $4
         AND (p.place->>'leftOut' IS DISTINCT FROM 'personal-data') ORDER BY p.at`,
      [projectId, id, after, after + picksPerRead],
    )
    yield rows.map(({ label, payload, ...row }) => ({
      ...row,
      kind: slice
        ? payload === null
          ? null
          : sliceText(task?.slicesOf?.(payload)[slice])
        : by
          ? label
          : null,
    }))
    after += picksPerRead
    if (after >= (counts.picked ?? 0)) return
  }
}

function writePlaces(
  job: RunningJob,
  work: FreezeWork,
  places: Places,
  at: Int32Array,
  from: number,
  to: number,
): Promise<void> {
  const told: string[] = []
  for (let row = from; row < to; row++) told.push(JSON.stringify(placeOf(places, row)))
  return job.chunk(async tx => {
    await tx.$client.query(
      `UPDATE dataset_picks p SET place = x.place::jsonb FROM unnest($3::int[], $4::text[]) x(at, place)
       WHERE p.project_id = $1 AND p.version_id = $2 AND p.at = x.at`,
      [job.projectId, work.id, [...at.subarray(from, to)], told],
    )
    return {
      done: 0,
      message: `Parting rows: ${to.toLocaleString('en')} of ${at.length.toLocaleString('en')}`,
    }
  })
}

function placeOf(places: Places, row: number): Place {
  const reason = placeReasons[places.reason[row] as number] as PlaceReason
  const split = splits[places.split[row] as number]
  return split ? { split, reason, kept: places.kept[row] as number } : { leftOut: reason as LeftOutReason }
}

/** What was left out before, and what placing left out. */
export function leftOutOf(
  before: Partial<Record<string, number>>,
  places: Places,
  rows: number,
): Partial<Record<string, number>> {
  const leftOut = { ...before }
  for (let row = 0; row < rows; row++) {
    if ((places.split[row] as number) >= 0) continue
    const reason = placeReasons[places.reason[row] as number] as PlaceReason
    leftOut[reason] = (leftOut[reason] ?? 0) + 1
  }
  return leftOut
}
