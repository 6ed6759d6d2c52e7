import 'server-only'
import type { Stage, StagePreview } from '@/contract/v1/models'
import { getDb } from '@/db/client'
import { isInCanary } from '@/domain/arms'
import { AmendError } from '@/domain/errors'
import { percent } from '@/domain/percent'
import type { ProjectScope } from './access'
import { type GateStanding, holds, readStandings, standingWords } from './require-gate'

/** How far back people and exposures are counted. */
const days = 28

interface Facts {
  stage: Stage
  share: number | null
  name: string
  outOfService: string | null
  live: { id: string; name: string } | null
  onTrial: { id: string; name: string; share: number } | null
}

/** What a move of a version would change and for whom, before anybody decides. Changes nothing. */
export async function previewStage(
  scope: ProjectScope,
  versionId: string,
  { stage, share }: { stage: Stage; share: number },
): Promise<StagePreview> {
  const facts = await readFacts(scope.projectId, versionId)
  const standings = await readStandings(getDb(), scope.projectId, versionId)
  const traffic = await readTraffic(scope.projectId)
  const asked =
    stage === 'canary' ? share : facts.stage === 'canary' && stage !== 'live' ? (facts.share ?? 0) : 1
  const touches = [stage, facts.stage].some(one => one === 'live' || one === 'canary')
  const concerned = !touches
    ? []
    : asked === 1
      ? traffic
      : traffic.filter(one => isInCanary(scope.projectId, one.actorId, { versionId, share: asked }))
  const perDay = concerned.reduce((sum, one) => sum + one.exposures, 0) / days
  return {
    stage,
    people: concerned.length,
    peopleAll: traffic.length,
    perDay: Math.round(perDay * 10) / 10,
    replaces: stage === 'live' && facts.live?.id !== versionId ? facts.live : null,
    changes: changesOf(facts, versionId, stage, share),
    gates: standings.map(standing => describeStanding(standing, facts.name, stage)),
    blocked: blockedBy(facts, versionId, standings, stage),
  }
}

async function readFacts(projectId: string, versionId: string): Promise<Facts> {
  const { rows } = await getDb().$client.query(
    `SELECT v.id, v.stage, v.canary_share AS share, m.name || ' ' || v.version AS name,
       CASE WHEN v.out_of_service_at IS NOT NULL THEN coalesce(v.out_of_service_reason, 'what it learned from was erased.') END AS "outOfService"
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND (v.id = $2 OR v.stage IN ('live', 'canary'))`,
    [projectId, versionId],
  )
  const own = rows.find(row => row.id === versionId)
  if (!own) throw new AmendError('not_found', 'There is no such version in this project.')
  const of = (stage: Stage) => rows.find(row => row.stage === stage) ?? null
  return { ...own, live: of('live'), onTrial: of('canary') }
}

async function readTraffic(projectId: string): Promise<{ actorId: string; exposures: number }[]> {
  const { rows } = await getDb().$client.query(
    `SELECT actor_id AS "actorId", count(*)::int AS exposures FROM exposures
     WHERE project_id = $1 AND eligible AND NOT simulated AND created_at > amend.now() - $2 * interval '1 day' GROUP BY actor_id`,
    [projectId, days],
  )
  return rows
}

function changesOf(
  { name, live, stage: now, share: present }: Facts,
  id: string,
  stage: Stage,
  share: number,
): string[] {
  const other = live && live.id !== id ? live.name : null
  const rest = other
    ? `${other} goes on answering everyone else.`
    : 'Everyone else writes without suggestions.'
  if (stage === 'live')
    return [
      other ? `${name} answers everyone; ${other} is retired.` : `${name} answers everyone.`,
      'Suggestions that are on screen keep the version that made them.',
      'Everyone is told once in the app. It can be undone, and rolled back in one act.',
    ]
  if (stage === 'canary')
    return [
      `${name} answers ${percent(share)} of people, always the same ones${now === 'canary' && share >= (present ?? 0) ? ', those of now among them' : ''}. ${rest}`,
      'Those people are told once in the app. It can be undone.',
    ]
  if (now === 'live')
    return ['Nobody is answered: everyone writes without suggestions.', 'Everyone is told once in the app.']
  if (now === 'canary')
    return [
      other ? `${other} answers everyone again.` : 'Nobody is answered.',
      'Those whom it answered are told once.',
    ]
  if (stage === 'shadow')
    return [`${name} is asked behind each answer. What it says is kept and shown to nobody.`]
  return [
    stage === 'retired'
      ? `${name} takes no more predictions.`
      : `${name} is a candidate again: it answers nobody.`,
  ]
}

function describeStanding(standing: GateStanding, name: string, stage: Stage): StagePreview['gates'][number] {
  return {
    gate: standing.name,
    required: (stage === 'canary' || stage === 'live') && standing.rules.requiredFor.includes(stage),
    outcome: standing.result?.outcome ?? 'not-judged',
    waived: standing.waived,
    words: standingWords(standing, name),
  }
}

function blockedBy(
  facts: Facts,
  id: string,
  standings: readonly GateStanding[],
  stage: Stage,
): string | null {
  if (stage !== 'canary' && stage !== 'live') return null
  if (facts.outOfService) return `Out of service: ${facts.outOfService}`
  if (stage === 'canary' && facts.stage === 'live') return 'It is live: it answers everyone already.'
  if (stage === 'canary' && facts.onTrial && facts.onTrial.id !== id)
    return `${facts.onTrial.name} is on trial. End that first.`
  const holding = standings.find(one => holds(one, stage))
  return holding ? `The gate “${holding.name}” holds it. ${standingWords(holding, facts.name)}` : null
}
