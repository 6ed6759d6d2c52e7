import 'server-only'
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { predictedInPage } from '@/contract/v1/suggest'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadModel } from '@/models/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import type { ServingVersion } from './find-serving'
import type { StoredCandidate } from './store-prediction'

/** What a version proposed that ran where the person is, ready to be judged and stored like any other answer. */
export interface CameAlong {
  versionId: string
  candidates: StoredCandidate[]
  latencyMs: number | null
}

/**
 * Reads what came along with a question.
 *
 * @throws AmendError invalid_input, naming the candidate that is no value of the task or whose id stands twice
 */
export function readCameAlong(task: TaskType, sent: z.output<typeof predictedInPage>): CameAlong {
  const ids = new Set<string>()
  const candidates = sent.candidates.map(({ id = randomUUID(), value, confidence, evidence }, at) => {
    const field = `predicted.candidates.${at}`
    const read = task.valueSchema.safeParse(value)
    if (!read.success)
      throw new AmendError(
        'invalid_input',
        `${field}.value: ${read.error.issues[0]?.message ?? 'is no value of this task'}.`,
        { field: `${field}.value` },
      )
    if (ids.has(id))
      throw new AmendError(
        'invalid_input',
        `${field}.id: an earlier candidate has this id. Give each its own.`,
        {
          field: `${field}.id`,
        },
      )
    ids.add(id)
    return { id, value: read.data, confidence, intent: null, evidence }
  })
  return { versionId: sent.modelVersionId, candidates, latencyMs: sent.latencyMs ?? null }
}

/** Whether versions of a kind may run in a page. Other kinds are asked by the server alone, whatever a page says. */
export async function runsInPage(kind: string): Promise<boolean> {
  return kind === 'push' || (await loadModel(kind))?.runsInPage === true
}

/**
 * The version whose proposals a page showed while no server could be asked, also where another one is live by now.
 *
 * @throws AmendError invalid_input when it is none of the project's, or none that can run in a page
 */
export async function findShownVersion(scope: ProjectScope, versionId: string): Promise<ServingVersion> {
  const { rows } = await getDb().$client.query<ServingVersion>(
    `SELECT v.id, m.name, v.version, m.kind, v.parameters FROM model_versions v
     JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id WHERE v.project_id = $1 AND v.id = $2`,
    [scope.projectId, versionId],
  )
  const version = rows[0]
  if (version && (await runsInPage(version.kind))) return version
  throw new AmendError(
    'invalid_input',
    version
      ? `predicted.modelVersionId: ${version.name} ${version.version} does not run in a page. Ask for its suggestions instead.`
      : 'predicted.modelVersionId: there is no such version in this project. Register it first.',
    { field: 'predicted.modelVersionId' },
  )
}
