import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '@/db/client'
import { settlePrecedents } from './precedent-changes'
import type { EntryProjection } from './review-log'
import { tombstone } from './tombstone-versions'

/**
 * Marks the versions that rest on decisions or resolutions which were taken back or replaced. Call it in the
 * transaction of that change, and only then: a first decision changes no version.
 */
export async function overtakeVersions(
  tx: Transaction,
  projectId: string,
  changed: { exposureIds: readonly string[] } | { entryIds: readonly string[] },
): Promise<void> {
  const [column, ids] =
    'exposureIds' in changed ? ['exposure_id', changed.exposureIds] : ['entry_id', changed.entryIds]
  await tx.$client.query(
    `UPDATE dataset_versions v SET overtaken_at = amend.now(), overtaken_reason = 'undone'
     WHERE v.project_id = $1 AND v.state IN ('freezing', 'frozen') AND v.overtaken_reason IS NULL
       AND v.id IN (SELECT r.version_id FROM dataset_rows r WHERE r.project_id = $1 AND r.${column} = ANY($2::uuid[]))`,
    [projectId, ids],
  )
}

/** Marks the versions that hold outcomes which were corrected or taken back. */
export async function overtakeOutcomes(
  tx: Transaction,
  projectId: string,
  itemIds: readonly string[],
): Promise<void> {
  await tx.$client.query(
    `UPDATE dataset_versions v SET overtaken_at = amend.now(), overtaken_reason = 'undone'
     WHERE v.project_id = $1 AND v.state IN ('freezing', 'frozen') AND v.overtaken_reason IS NULL
       AND v.id IN (SELECT r.version_id FROM dataset_rows r
         WHERE r.project_id = $1 AND r.item_id = ANY($2::uuid[]) AND r.facts->>'source' = 'outcome')`,
    [projectId, itemIds],
  )
}

/**
 * Marks the versions that hold a resolution which an event has taken away or replaced, whatever kind of event it was,
 * and withdraws precedents that were made of it. Call it once the tables say what stands now.
 * One that says the same of the same answers, as after a new weighing, changes no row.
 */
export async function overtakeChangedResolution(
  tx: Transaction,
  projectId: string,
  entryId: string,
  before: EntryProjection['resolution'],
  after: EntryProjection['resolution'],
): Promise<void> {
  if (before === null || isDeepStrictEqual(inRows(before), inRows(after))) return
  await overtakeVersions(tx, projectId, { entryIds: [entryId] })
  if (!isDeepStrictEqual(before.values, after?.values))
    await settlePrecedents(tx, projectId, 'undone', entryId)
}

/** What a row keeps of a resolution. */
const inRows = (resolution: EntryProjection['resolution']) =>
  resolution && {
    source: resolution.source,
    values: resolution.values,
    answerEventIds: resolution.answerEventIds,
    adjudicationEventId: resolution.adjudicationEventId,
  }

/** Marks the versions with rows whose words were erased. Each erasure sets the time anew, since the file changes with it. */
export async function overtakeErased(
  tx: Transaction,
  projectId: string,
  contentIds: readonly string[],
): Promise<void> {
  if (contentIds.length === 0) return
  const { rows } = await tx.$client.query<{ id: string }>(
    `WITH gone AS (SELECT id, item_id FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[]))
     UPDATE dataset_versions v SET overtaken_at = amend.now(), overtaken_reason = 'erased'
     WHERE v.project_id = $1 AND v.state IN ('freezing', 'frozen') AND v.id IN (
       SELECT r.version_id FROM gone g JOIN dataset_rows r ON r.project_id = $1 AND r.item_id = g.item_id
       WHERE g.id = r.item_content_id OR g.id::text = r.facts->>'suggestionContentId'
         OR r.values @> jsonb_build_array(jsonb_build_object('contentId', g.id))
         OR r.rejected @> jsonb_build_array(jsonb_build_object('contentId', g.id))) RETURNING v.id`,
    [projectId, contentIds],
  )
  await tombstone(
    tx,
    projectId,
    rows.map(row => row.id),
  )
}

/** Marks the versions that hold what somebody said who has opted out of training since; the next one leaves it out. */
export async function overtakeOptedOut(tx: Transaction, projectId: string, pseudonym: string): Promise<void> {
  await tx.$client.query(
    `UPDATE dataset_versions v SET overtaken_at = amend.now(), overtaken_reason = 'opted-out'
     WHERE v.project_id = $1 AND v.state IN ('freezing', 'frozen') AND coalesce(v.overtaken_reason, 'undone') = 'undone'
       AND EXISTS (SELECT FROM dataset_rows r WHERE r.project_id = $1 AND r.version_id = v.id AND r.facts->'annotators' ? $2)`,
    [projectId, pseudonym],
  )
}
