import 'server-only'
import { getDb, statementName } from '@/db/client'
import { assignArm, type Canary, isInCanary } from '@/domain/arms'
import { parseProjectSettings } from '@/domain/project-settings'
import type { ProjectScope } from './access'

/** A version that is asked. */
export interface ServingVersion {
  id: string
  name: string
  version: string
  kind: string
  parameters: Record<string, unknown>
}

/** Who answers now, who answers some people on trial, and who is asked without being seen. */
export interface Serving {
  live: ServingVersion | null
  canary: (ServingVersion & { share: number }) | null
  shadows: ServingVersion[]
}

/** Reads it anew for each exposure, so that a change of stage counts from the next one on. Versions out of service never answer. */
export async function findServing(projectId: string): Promise<Serving> {
  const { rows } = await getDb().$client.query<
    ServingVersion & { stage: 'live' | 'canary' | 'shadow'; share: number | null }
  >({
    name: statementName('serving'),
    text: `SELECT v.id, m.name, v.version, m.kind, v.parameters, v.stage, v.canary_share AS share
           FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
           WHERE v.project_id = $1 AND v.stage IN ('live', 'canary', 'shadow') AND v.out_of_service_at IS NULL
           ORDER BY v.id`,
    values: [projectId],
  })
  const serving: Serving = { live: null, canary: null, shadows: [] }
  for (const { stage, share, ...version } of rows) {
    if (stage === 'live') serving.live = version
    else if (stage === 'canary') serving.canary = { ...version, share: share ?? 0 }
    else serving.shadows.push(version)
  }
  return serving
}

export const canaryOf = ({ canary }: Serving): Canary | null =>
  canary && { versionId: canary.id, share: canary.share }

/** Whether the version on trial answers this person. */
export function isOnTrial(scope: ProjectScope, serving: Serving, actorId: string): boolean {
  const canary = canaryOf(serving)
  return canary !== null && isInCanary(scope.projectId, actorId, canary)
}

/** The version that answers this person about this item, by which arm, and what of it is left out or drawn by lot. */
export function serveOne(scope: ProjectScope, serving: Serving, actorId: string, itemId: string) {
  const { holdbackShare, explorationShare } = parseProjectSettings(scope.project.settings).serving
  const { arm, heldBack } = assignArm(
    { projectId: scope.projectId, actorId, itemId },
    { canary: canaryOf(serving), holdbackShare },
  )
  return {
    version: arm === 'canary' ? serving.canary : serving.live,
    arm,
    heldBack,
    holdbackShare,
    explorationShare,
  }
}
