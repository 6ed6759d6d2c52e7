import 'server-only'
import { getDb, withTransaction } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { parseProjectSettings, type RollbackRule } from '@/domain/project-settings'
import { judgeRollback, type RollbackLook, windowOf } from '@/domain/rollback'
import { getLog } from '@/platform/log'
import { countOutcomes } from './count-outcomes'
import { findEarlierLive, goBack } from './roll-back'

/** The version that a project's rules are held against: the one on trial, else the live one. */
interface Watched {
  projectId: string
  settings: unknown
  versionId: string
  stage: 'live' | 'canary'
  sinceMs: number
  nowMs: number
}

const watchedSql = `
  SELECT DISTINCT ON (p.id) p.id AS "projectId", p.settings, v.id AS "versionId", v.stage,
    extract(epoch FROM coalesce(v.staged_at, v.created_at))::float8 * 1000 AS "sinceMs", extract(epoch FROM amend.now())::float8 * 1000 AS "nowMs"
  FROM projects p JOIN model_versions v ON v.project_id = p.id AND v.stage IN ('live', 'canary')
  WHERE jsonb_array_length(coalesce(p.settings->'serving'->'rollbackRules', '[]')) > 0 AND ($1::uuid IS NULL OR p.id = $1)
  ORDER BY p.id, v.stage = 'canary' DESC`

interface WatchedRule extends RollbackLook {
  rule: RollbackRule
  /** Begin of the window that is counted. */
  from: string
}

async function lookAt(watched: Watched, rule: RollbackRule): Promise<WatchedRule> {
  const { window, startMs } = windowOf(rule, watched.sinceMs, watched.nowMs)
  const from = new Date(startMs).toISOString()
  const { metrics } = await countOutcomes(watched.projectId, watched.versionId, from)
  return { rule, from, ...judgeRollback(rule, metrics[rule.metric], window) }
}

/** How the rules of a project stand now. Changes nothing. */
export async function readWatch(projectId: string): Promise<WatchedRule[]> {
  const { rows } = await getDb().$client.query<Watched>(watchedSql, [projectId])
  const watched = rows[0]
  if (!watched) return []
  const { rollbackRules } = parseProjectSettings(watched.settings).serving
  return Promise.all(rollbackRules.map(rule => lookAt(watched, rule)))
}

/**
 * Holds the answering versions of all projects against their rules; one that breaches a bound is taken back by the system
 * itself, as an action that is announced and can be undone. Gives back how many were. Any number of servers may call this.
 */
export async function watchVersions(): Promise<number> {
  const { rows } = await getDb().$client.query<Watched>(watchedSql, [null])
  let taken = 0
  for (const watched of rows) {
    // A live version without an earlier one stays: there is nothing better to put in its place.
    if (watched.stage === 'live' && !(await findEarlierLive(getDb(), watched.projectId))) continue
    for (const rule of parseProjectSettings(watched.settings).serving.rollbackRules) {
      const look = await lookAt(watched, rule)
      if (look.breached && (await takeBack(watched, look))) {
        taken += 1
        break
      }
    }
  }
  return taken
}

async function takeBack(watched: Watched, look: WatchedRule): Promise<boolean> {
  const { projectId, versionId } = watched
  try {
    return await withTransaction(async tx => {
      const { rowCount } = await tx.$client.query(
        'SELECT FROM model_versions WHERE project_id = $1 AND id = $2 AND stage = $3 FOR UPDATE',
        [projectId, versionId, watched.stage],
      )
      if (!rowCount) return false
      const { rows } = await tx.$client.query<{ id: string }>('SELECT uuidv7() AS id')
      const breachId = rows[0]?.id ?? ''
      const { actionId } = await goBack(
        tx,
        { projectId, system: true },
        {
          kind: 'breach',
          metric: look.rule.metric,
          breachId,
        },
      )
      await tx.$client.query(
        `INSERT INTO rollback_breaches (project_id, id, model_version_id, metric, facts, n, ratio, action_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          projectId,
          breachId,
          versionId,
          look.rule.metric,
          { rule: look.rule, from: look.from, value: look.value, alarmAt: look.alarmAt },
          look.n,
          look.ratio,
          actionId,
        ],
      )
      return true
    })
  } catch (error) {
    if (!isAmendError(error)) throw error
    getLog().warn({ err: error, projectId }, 'A version that breached its bound could not be taken back')
    return false
  }
}
