import 'server-only'
import type { WhyAnswer } from '@/contract/v1/suggest'
import { getDb } from '@/db/client'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { AmendError } from '@/domain/errors'
import { type GuardrailResult, measureAt, type ThresholdMeasure } from '@/domain/guardrails'
import { enough } from '@/domain/interval'
import { percent } from '@/domain/percent'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { learnedKey, readLearned } from './learned-shown'
import type { StoredCandidate } from './store-prediction'

const shareWords = (share: { value: number; low: number; high: number; n: number }) =>
  `${percent(share.value, 0)} (${Math.round(share.low * 100)}–${percent(share.high, 0)}, n ${share.n})`

/**
 * Why these suggestions, or none: the example or rule behind each, the model version, the guardrails that ran.
 * For the person they were shown to, and for those who may study feedback.
 */
export async function explainExposure(scope: ProjectScope, exposureId: string): Promise<WhyAnswer> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(
    `SELECT e.actor_id, e.shown, e.slice_attributes AS slices, e.candidates, e.guardrail_result, c.body, v.id AS version_id, v.version, v.card, m.name
     FROM exposures e
     LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
     LEFT JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
     LEFT JOIN model_versions v ON v.project_id = e.project_id AND v.id = e.model_version_id
     LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE e.project_id = $1 AND e.id = $2`,
    [scope.projectId, exposureId],
  )
  const row = rows[0]
  if (!row || (row.actor_id !== actor.id && !scope.can('feedback.view'))) {
    throw new AmendError('not_found', 'There is no such exposure, or it is not yours.')
  }
  const task = await loadTaskType(scope.project.taskType)
  const learned = await readLearned(scope.projectId, [exposureId])
  const mine = row.actor_id === actor.id
  const stored = new Map<string, StoredCandidate>((row.body ?? []).map((c: StoredCandidate) => [c.id, c]))
  const results = row.guardrail_result as GuardrailResult[]
  const threshold = results.find(r => r.rule === 'confidence')?.detail?.threshold
  const measured = measureAt(
    (row.card?.thresholds ?? []) as ThresholdMeasure[],
    typeof threshold === 'number' ? threshold : 0,
  )
  return {
    exposureId,
    shown: row.shown,
    model: row.version_id
      ? { id: row.version_id, name: row.name, version: row.version, summary: row.card?.summary ?? null }
      : null,
    candidates: (row.candidates as ExposedCandidate[]).flatMap(c => {
      const candidate = stored.get(c.id)
      const from = learned.get(learnedKey(exposureId, c.id))
      if (!candidate || from?.gone) return []
      const evidence =
        from?.learned.from === 'you' && !mine
          ? ['This person wrote it themself, for something like it.']
          : candidate.evidence
      return [{ id: c.id, rank: c.rank, text: task.textOf(candidate.value), evidence }]
    }),
    rules: results.map(({ rule, verdict, reason }) => ({ rule, verdict, reason })),
    quality: measured?.precision
      ? { precision: shareWords(measured.precision), coverage: shareWords(measured.coverage) }
      : null,
    measured: {
      at: typeof row.card?.measured?.at === 'string' ? row.card.measured.at : null,
      ofSlice: likeThis(row.card?.quality, row.slices),
    },
  }
}

interface SliceQuality {
  measure?: unknown
  result?: Parameters<typeof shareWords>[0]
  slice?: { name: string; value: string }
}

/** What a card says of the slices that an input is in. */
function likeThis(quality: unknown, slices: Record<string, unknown>): { measure: string; result: string }[] {
  return (Array.isArray(quality) ? (quality as SliceQuality[]) : []).flatMap(({ measure, result, slice }) =>
    slice && result && typeof measure === 'string' && String(slices[slice.name]) === slice.value
      ? [{ measure, result: result.n < enough ? `too few to tell (n ${result.n})` : shareWords(result) }]
      : [],
  )
}
