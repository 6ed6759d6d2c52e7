import 'server-only'
import type { GuardrailPreview } from '@/contract/v1/monitors'
import { getDb } from '@/db/client'
import { type GuardedTask, runGuardrails } from '@/domain/guardrails'
import { type GuardrailPatch, parseProjectSettings, withGuardrails } from '@/domain/project-settings'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import type { StoredCandidate } from './store-prediction'

/** The newest past exposures that a preview runs through: enough to tell, few enough to wait for. */
const mostLooked = 1_200

interface PastRow {
  payload: unknown
  candidates: StoredCandidate[]
  shown: boolean
  state: string
}

/**
 * What other guardrails would have done to past exposures: the stored predictions are judged again, today's rules of the
 * task included. Changes nothing.
 *
 * @throws ZodError for settings that don't fit
 */
export async function previewGuardrails(
  scope: ProjectScope,
  patch: GuardrailPatch,
): Promise<GuardrailPreview> {
  const [task, { rows }] = await Promise.all([
    loadTaskType(scope.project.taskType),
    getDb().$client.query<PastRow>(
      `SELECT ic.body AS payload, pc.body AS candidates, d.suggestion_shown AS shown, d.state
       FROM (SELECT project_id, exposure_id, item_id, suggestion_shown, state FROM decisions
         WHERE project_id = $1 AND ($2 OR NOT simulated) ORDER BY exposed_at DESC NULLS LAST, exposure_id DESC NULLS LAST LIMIT ${mostLooked}) d
       JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
       JOIN predictions p ON p.project_id = d.project_id AND p.id = e.prediction_id
       JOIN contents pc ON pc.project_id = d.project_id AND pc.id = p.content_id AND pc.body IS NOT NULL
       JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id
       JOIN contents ic ON ic.project_id = d.project_id AND ic.id = i.content_id AND ic.body IS NOT NULL
       WHERE e.eligible`,
      [scope.projectId, scope.project.demo],
    ),
  ])
  const { guardrails } = withGuardrails(parseProjectSettings(scope.project.settings), patch)
  const byRule = new Map<string, number>()
  const change = { n: 0, accepted: 0, corrected: 0 }
  let wouldShow = 0
  for (const { payload, candidates, shown, state } of rows) {
    const outcome = runGuardrails(task as unknown as GuardedTask, guardrails, payload, {
      status: 'ok',
      candidates,
    })
    if (outcome.shown && !shown) wouldShow++
    if (outcome.shown || !shown) continue
    change.n++
    if (state === 'accepted') change.accepted++
    if (state === 'corrected') change.corrected++
    const rule = outcome.results.findLast(result => result.verdict === 'suppress')?.rule ?? 'none'
    byRule.set(rule, (byRule.get(rule) ?? 0) + 1)
  }
  return {
    looked: rows.length,
    wouldHoldBack: change,
    wouldShow,
    byRule: [...byRule].sort((a, b) => b[1] - a[1]).map(([rule, n]) => ({ rule, n })),
  }
}
