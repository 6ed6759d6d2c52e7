import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { ArchivedGate, ChangedGate, MakeGateBody } from '@/contract/v1/gates'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type GateRules, gateRulesSchema } from '@/domain/gates'
import { proposeSlug } from '@/domain/project-slug'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { findGate } from './list-gates'
import { type ActingParty, recordAction } from './record-action'

/**
 * Sets down what a version must pass. Undoable.
 *
 * @throws AmendError conflict (the name is taken)
 */
export async function makeGate(scope: ProjectScope, { name, rules }: MakeGateBody): Promise<ChangedGate> {
  const made = await withTransaction(async tx => {
    const id = await storeGate(tx, scope, name, rules)
    const actionId = await recordAction(tx, scope, {
      kind: 'gate.made',
      targetType: 'gate',
      targetId: id,
      after: { rules },
    })
    return { id, actionId }
  })
  return { actionId: made.actionId, gate: await findGate(scope, made.id) }
}

/** Stored with its first rules, in the caller's transaction. @throws AmendError conflict */
export async function storeGate(
  tx: Transaction,
  by: ActingParty,
  name: string,
  rules: GateRules,
): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO gates (project_id, slug, name) VALUES ($1, $2, $3) ON CONFLICT (project_id, slug) DO NOTHING RETURNING id`,
    [by.projectId, proposeSlug(name), name],
  )
  const id = rows[0]?.id
  if (!id)
    throw new AmendError('conflict', `There is a gate of this name, or was one. Choose another name.`, {
      field: 'name',
    })
  await insertRules(tx, by, id, rules)
  return id
}

async function insertRules(
  tx: Transaction,
  by: ActingParty,
  gateId: string,
  rules: GateRules,
): Promise<void> {
  const userId = 'caller' in by && by.caller.kind === 'person' ? by.caller.userId : null
  await tx.$client.query(
    `INSERT INTO gate_versions (project_id, gate_id, number, rules, created_by)
     SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4 FROM gate_versions WHERE project_id = $1 AND gate_id = $2`,
    [by.projectId, gateId, JSON.stringify(rules), userId],
  )
}

interface LockedGate {
  id: string
  archived: boolean
  rules: GateRules
}

async function lockGate(tx: Transaction, projectId: string, slugOrId: string): Promise<LockedGate> {
  const { rows } = await tx.$client.query(
    `SELECT g.id, g.archived_at IS NOT NULL AS archived,
       (SELECT rules FROM gate_versions v WHERE v.project_id = $1 AND v.gate_id = g.id ORDER BY number DESC LIMIT 1) AS rules
     FROM gates g WHERE g.project_id = $1 AND (g.slug = $2 OR g.id::text = $2) FOR UPDATE OF g`,
    [projectId, slugOrId],
  )
  const row = rows[0]
  if (!row) throw new AmendError('not_found', 'There is no such gate in this project.')
  return { ...row, rules: gateRulesSchema.parse(row.rules) }
}

/**
 * Asks something else from now on: a new version of the gate. What it judged before counts no more. Undoable.
 *
 * @throws AmendError not_found, conflict (archived)
 */
export async function changeGate(
  scope: ProjectScope,
  slugOrId: string,
  rules: GateRules,
): Promise<ChangedGate> {
  const { id, actionId } = await withTransaction(async tx => {
    const gate = await lockGate(tx, scope.projectId, slugOrId)
    if (gate.archived) throw new AmendError('conflict', 'This gate is archived. Bring it back first.')
    if (isDeepStrictEqual(gate.rules, rules)) return { id: gate.id, actionId: null }
    await insertRules(tx, scope, gate.id, rules)
    const actionId = await recordAction(tx, scope, {
      kind: 'gate.changed',
      targetType: 'gate',
      targetId: gate.id,
      before: { rules: gate.rules },
      after: { rules },
    })
    return { id: gate.id, actionId }
  })
  return { actionId, gate: await findGate(scope, id) }
}

/** Asks nothing any more. Undoable. @throws AmendError not_found, already_done */
export async function archiveGate(scope: ProjectScope, slugOrId: string): Promise<ArchivedGate> {
  return withTransaction(async tx => {
    const gate = await lockGate(tx, scope.projectId, slugOrId)
    if (gate.archived) throw new AmendError('already_done', 'This gate is archived already.')
    await setArchived(tx, scope.projectId, gate.id, true)
    const actionId = await recordAction(tx, scope, {
      kind: 'gate.archived',
      targetType: 'gate',
      targetId: gate.id,
    })
    return { actionId }
  })
}

async function setArchived(tx: Transaction, projectId: string, id: string, archived: boolean) {
  await tx.$client.query(
    `UPDATE gates SET archived_at = CASE WHEN $3 THEN amend.now() END WHERE project_id = $1 AND id = $2`,
    [projectId, id, archived],
  )
}

export const archiveMadeGate: Compensator = {
  permission: 'gates.manage',
  async undo(tx, action) {
    const gate = await lockGate(tx, action.projectId, action.targetId ?? '')
    if (gate.archived) throw new AmendError('undo_blocked', 'This gate is archived already.')
    await setArchived(tx, action.projectId, gate.id, true)
    return { kind: 'gate.archived', targetType: 'gate', targetId: gate.id }
  },
}

export const bringGateBack: Compensator = {
  permission: 'gates.manage',
  async undo(tx, action) {
    const gate = await lockGate(tx, action.projectId, action.targetId ?? '')
    if (!gate.archived) throw new AmendError('undo_blocked', 'This gate is back already.')
    await setArchived(tx, action.projectId, gate.id, false)
    return { kind: 'gate.restored', targetType: 'gate', targetId: gate.id }
  },
}

export const changeGateBack: Compensator = {
  permission: 'gates.manage',
  async undo(tx, action, by) {
    const gate = await lockGate(tx, action.projectId, action.targetId ?? '')
    const [before, after] = [action.before?.rules, action.after?.rules].map(rules =>
      gateRulesSchema.parse(rules),
    )
    if (!isDeepStrictEqual(gate.rules, after))
      throw new AmendError('undo_blocked', 'The gate was changed again since. Undo that first.')
    await insertRules(tx, by, gate.id, before as GateRules)
    return {
      kind: 'gate.changed',
      targetType: 'gate',
      targetId: gate.id,
      before: { rules: after },
      after: { rules: before },
    }
  },
}
