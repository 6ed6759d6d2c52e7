import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '@/db/client'
import { type Consumers, type DatasetRules, rulesSchema, type Selection } from '@/domain/dataset'
import { AmendError } from '@/domain/errors'
import type { Compensator } from './compensators'

/** What of a dataset may change. */
export interface DatasetSettings {
  name: string
  description: string
  selection: Selection
  rules: DatasetRules
  licence: string | null
  consumers: Consumers
}

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

export async function lockDataset(
  tx: Transaction,
  projectId: string,
  id: string,
): Promise<DatasetSettings & { archived: boolean }> {
  const { rows } = await tx.$client.query(
    `SELECT name, description, selection, rules, licence, consumers, archived_at IS NOT NULL AS archived FROM datasets
     WHERE project_id = $1 AND id = $2 FOR UPDATE`,
    [projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such dataset in this project.')
  return { ...rows[0], rules: rulesSchema.parse(rows[0].rules) }
}

export async function storeDataset(
  tx: Transaction,
  projectId: string,
  id: string,
  change: Partial<DatasetSettings>,
): Promise<void> {
  await tx.$client.query(
    `UPDATE datasets SET name = coalesce($3, name), description = coalesce($4, description),
       selection = coalesce($5, selection), rules = coalesce($6, rules), consumers = coalesce($7, consumers),
       licence = CASE WHEN $8 THEN $9 ELSE licence END WHERE project_id = $1 AND id = $2`,
    [
      projectId,
      id,
      change.name ?? null,
      change.description ?? null,
      change.selection ?? null,
      change.rules ?? null,
      change.consumers ? JSON.stringify(change.consumers) : null,
      change.licence !== undefined,
      change.licence ?? null,
    ],
  )
}

export async function setArchived(
  tx: Transaction,
  projectId: string,
  id: string,
  archived: boolean,
): Promise<void> {
  await tx.$client.query(
    `UPDATE datasets SET archived_at = CASE WHEN $3 THEN amend.now() END WHERE project_id = $1 AND id = $2`,
    [projectId, id, archived],
  )
}

const archiveAs = (archived: boolean): Compensator => ({
  permission: 'datasets.manage',
  async undo(tx, action) {
    const id = action.targetId ?? ''
    const now = await lockDataset(tx, action.projectId, id)
    if (now.archived === archived)
      throw blocked(archived ? 'The dataset is archived already.' : 'The dataset is in use again already.')
    await setArchived(tx, action.projectId, id, archived)
    return { kind: archived ? 'dataset.archived' : 'dataset.reopened', targetType: 'dataset', targetId: id }
  },
})

/** A dataset that was made is archived: versions that were frozen of it stay readable. */
export const archiveDataset = archiveAs(true)
export const reopenDataset = archiveAs(false)

export const changeDatasetBack: Compensator = {
  permission: 'datasets.manage',
  async undo(tx, action) {
    const id = action.targetId ?? ''
    const now = await lockDataset(tx, action.projectId, id)
    const before = (action.before ?? {}) as Partial<DatasetSettings>
    const after = (action.after ?? {}) as Partial<DatasetSettings>
    const changedSince = (Object.keys(after) as (keyof DatasetSettings)[]).filter(
      field => !isDeepStrictEqual(now[field], after[field]),
    )
    if (changedSince.length > 0)
      throw blocked(`Changed again since: ${changedSince.join(', ')}. Undo that first, or set it by hand.`)
    await storeDataset(tx, action.projectId, id, before)
    return { kind: 'dataset.changed', targetType: 'dataset', targetId: id, before: after, after: before }
  },
}

async function lockVersion(tx: Transaction, projectId: string, id: string) {
  const { rows } = await tx.$client.query<{ number: number; reason: string | null; later: number | null }>(
    `SELECT v.number, v.overtaken_reason AS reason, (SELECT min(l.number) FROM dataset_versions l
       WHERE l.project_id = v.project_id AND l.parent_version_id = v.id AND l.state IN ('freezing', 'frozen')) AS later
     FROM dataset_versions v WHERE v.project_id = $1 AND v.id = $2 AND v.state = 'frozen' FOR UPDATE`,
    [projectId, id],
  )
  if (!rows[0]) throw blocked('This version is gone.')
  return rows[0]
}

/** A frozen version is never rewritten: taking it back marks it as withdrawn, and its bytes stay as they are. */
export const withdrawVersion: Compensator = {
  permission: 'datasets.freeze',
  async undo(tx, action) {
    const id = action.targetId ?? ''
    const version = await lockVersion(tx, action.projectId, id)
    if (version.later !== null)
      throw blocked(
        `Version ${version.later} was built on version ${version.number}, so this one stays. Freeze a better one instead.`,
      )
    if (version.reason !== null)
      throw blocked(`Version ${version.number} was overtaken already, so there is nothing left to take back.`)
    await tx.$client.query(
      `UPDATE dataset_versions SET overtaken_at = amend.now(), overtaken_reason = 'withdrawn' WHERE project_id = $1 AND id = $2`,
      [action.projectId, id],
    )
    return {
      kind: 'dataset-version.withdrawn',
      targetType: 'dataset-version',
      targetId: id,
      before: { number: version.number },
    }
  },
}

export const restoreVersion: Compensator = {
  permission: 'datasets.freeze',
  async undo(tx, action) {
    const id = action.targetId ?? ''
    const version = await lockVersion(tx, action.projectId, id)
    if (version.reason !== 'withdrawn')
      throw blocked(
        version.reason === null
          ? `Version ${version.number} is in use again already.`
          : `Version ${version.number} was overtaken since, and that does not go away. Freeze a new one.`,
      )
    await tx.$client.query(
      `UPDATE dataset_versions SET overtaken_at = NULL, overtaken_reason = NULL WHERE project_id = $1 AND id = $2`,
      [action.projectId, id],
    )
    return {
      kind: 'dataset-version.restored',
      targetType: 'dataset-version',
      targetId: id,
      after: { number: version.number },
    }
  },
}
