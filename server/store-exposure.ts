import 'server-only'
import { statementName, withTransaction } from '@/db/client'
import type { ProjectScope } from './access'
import type { ServingVersion } from './find-serving'
import type { Judged } from './judge-suggestions'
import { storeLearnedShown } from './learned-shown'
import { storeSnapshot, storeVectors } from './memory'
import { type ItemToStore, insertItem } from './store-item'
import { insertPredictions } from './store-prediction'

/**
 * Stores an exposure with its item, predictions and what was learned of, all or nothing. False when its id is taken.
 */
export async function storeExposure(
  scope: ProjectScope,
  row: Record<string, unknown> & { id: string },
  item: ItemToStore,
  live: ServingVersion | null,
  {
    predicted,
    base,
    remembered,
    learnedShown,
  }: Pick<Judged, 'predicted' | 'base' | 'remembered'> & {
    learnedShown: Parameters<typeof storeLearnedShown>[3]
  },
): Promise<boolean> {
  const { projectId } = scope
  return withTransaction(async tx => {
    if (item.isNew) await insertItem(tx, projectId, item)
    if (live) {
      const made = [base, predicted?.made ?? null].flatMap(one => one ?? [])
      await insertPredictions(tx, projectId, live.id, made)
    }
    const { rowCount } = await tx.$client.query({
      name: statementName('store-exposure'),
      text: storeSql,
      values: [projectId, JSON.stringify(snake(row))],
    })
    if (rowCount !== 1) return false
    if (remembered) {
      const { held, vectors } = remembered
      await storeSnapshot(tx, projectId, held)
      if (vectors) await storeVectors(tx, projectId, vectors.kind, item.id, vectors.input, vectors.computed)
      await storeLearnedShown(tx, projectId, row.id, learnedShown)
    }
    return true
  })
}

const columns = [
  'id',
  'body_hash',
  'item_id',
  'input_hash',
  'session_id',
  'actor_id',
  'role',
  'model_version_id',
  'prediction_id',
  'policy_version',
  'threshold_version',
  'guardrail_result',
  'shown',
  'suppressed_reason',
  'arm',
  'holdback',
  'mode',
  'eligible',
  'eligible_propensity',
  'candidates',
  'latency_ms',
  'slice_attributes',
  'consent_version',
  'sample',
  'simulated',
  'client_time',
  'client_monotonic_ms',
  'memory_snapshot',
].join(', ')

const storeSql = `
  WITH r AS (SELECT * FROM json_to_record($2::json) AS r(
    id uuid, body_hash text, item_id uuid, input_hash text, session_id uuid, actor_id uuid, role text,
    model_version_id uuid, prediction_id uuid, policy_version text, threshold_version text, guardrail_result jsonb,
    shown boolean, suppressed_reason text, arm text, holdback boolean, mode text, eligible boolean,
    eligible_propensity float8, candidates jsonb, latency_ms float8,
    slice_attributes jsonb, consent_version int, sample boolean, simulated boolean, client_time timestamptz,
    client_monotonic_ms float8, memory_snapshot text, top_confidence float8)),
  x AS (
    INSERT INTO exposures (project_id, ${columns})
    SELECT $1, ${columns} FROM r
    ON CONFLICT (project_id, id) DO NOTHING RETURNING id, created_at)
  INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, model_version_id, confidence, suggestion_shown, sample, simulated, exposed_at)
  SELECT $1, x.id, r.actor_id, r.item_id, r.model_version_id, r.top_confidence, r.shown, r.sample, r.simulated, x.created_at
  FROM r JOIN x ON x.id = r.id`

function snake(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key.replace(/[A-Z]/g, c => `_${c.toLowerCase()}`), value]),
  )
}
