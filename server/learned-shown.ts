import 'server-only'
import type { Learned } from '@/contract/v1/suggest'
import { getDb, statementName, type Transaction } from '@/db/client'
import type { Proposed } from './memory'

/** Where a candidate was learned from; `gone` when that was taken back, withdrawn or erased since. */
export type LearnedCandidate = { learned: Learned; gone: boolean }

const shownSql = `
  SELECT x.exposure_id, x.candidate_id, x.learned_from_exposure_id IS NOT NULL AS personal, x.training_row IS NOT NULL AS trained,
    to_json(coalesce(l.learned_at, s.created_at, v.created_at))#>>'{}' AS at, l.event_id, l.exposure_id AS taught_by, l.item_id,
    CASE WHEN x.learned_from_exposure_id IS NOT NULL THEN l.event_id IS NULL
      WHEN x.training_row IS NOT NULL THEN t.number IS NULL OR t.withdrawn_at IS NOT NULL
      ELSE s.state IS DISTINCT FROM 'active' END AS gone
  FROM learned_shown x
  JOIN exposures e ON e.project_id = x.project_id AND e.id = x.exposure_id
  LEFT JOIN learned_examples l ON l.project_id = x.project_id AND l.exposure_id = x.learned_from_exposure_id
  LEFT JOIN shared_examples s ON s.project_id = x.project_id AND s.id = x.shared_example_id
  LEFT JOIN training_rows t ON t.project_id = x.project_id AND t.model_version_id = e.model_version_id AND t.number = x.training_row
  LEFT JOIN model_versions v ON v.project_id = t.project_id AND v.id = t.model_version_id
  WHERE x.project_id = $1 AND x.exposure_id = ANY($2::uuid[])`

/** Which candidates of some exposures were learned, by candidate. */
export async function readLearned(
  projectId: string,
  exposureIds: readonly string[],
): Promise<Map<string, LearnedCandidate>> {
  if (exposureIds.length === 0) return new Map()
  const { rows } = await getDb().$client.query({
    name: statementName('learned-shown'),
    text: shownSql,
    values: [projectId, exposureIds],
  })
  return new Map(
    rows.map(row => [
      learnedKey(row.exposure_id, row.candidate_id),
      {
        gone: row.gone,
        learned: {
          from: row.personal ? 'you' : row.trained ? 'training' : 'shared',
          at: row.at,
          exposureId: row.taught_by,
          eventId: row.event_id,
          itemId: row.item_id,
        },
      },
    ]),
  )
}

/** How `readLearned` names a candidate: a candidate of the model's own may stand in several exposures. */
export const learnedKey = (exposureId: string, candidateId: string) => `${exposureId}/${candidateId}`

export async function storeLearnedShown(
  tx: Transaction,
  projectId: string,
  exposureId: string,
  shown: readonly { candidateId: string; from: Proposed }[],
): Promise<void> {
  if (shown.length === 0) return
  await tx.$client.query(
    `INSERT INTO learned_shown (project_id, exposure_id, candidate_id, learned_from_exposure_id, shared_example_id, training_row)
     SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[]) ON CONFLICT DO NOTHING`,
    [
      projectId,
      exposureId,
      shown.map(s => s.candidateId),
      shown.map(s => (s.from.kind === 'personal' ? s.from.id : null)),
      shown.map(s => (s.from.kind === 'shared' ? s.from.id : null)),
      shown.map(s => s.from.trainingRow),
    ],
  )
}
