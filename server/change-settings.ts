import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import { type Transaction, withTransaction } from '@/db/client'
import { mostExplored } from '@/domain/arms'
import { AmendError } from '@/domain/errors'
import type { MlflowSettings } from '@/domain/mlflow'
import {
  checkLimits,
  checkMode,
  type GuardrailPatch,
  harmMeanings,
  type Mode,
  parseProjectSettings,
  type ServingPatch,
  withGuardrails,
  withServing,
} from '@/domain/project-settings'
import { taskFacts } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { recordAction } from './record-action'

export interface SettingsChange {
  name?: string | undefined
  mode?: Mode | undefined
  timeZone?: string | undefined
  guardrails?: GuardrailPatch | undefined
  serving?: ServingPatch | undefined
  redactBeforeReview?: boolean | undefined
  mlflow?: MlflowSettings | null | undefined
}

interface ProjectRow {
  name: string
  slug: string
  task_type: string
  mode: Mode
  time_zone: string
  settings: unknown
}

function taskOf(taskType: string) {
  const task = taskFacts(taskType)
  if (!task) throw new Error(`no task type "${taskType}" is registered`)
  return task
}

/** The settings of a project row, with what its task fixes. */
export function describeSettings(project: {
  name: string
  slug: string
  taskType: string
  mode: Mode
  timeZone: string
  settings: unknown
}) {
  const task = taskOf(project.taskType)
  return {
    name: project.name,
    slug: project.slug,
    taskType: project.taskType,
    taskLabel: task.label,
    harmClass: task.harmClass,
    harmMeans: harmMeanings[task.harmClass],
    mode: project.mode,
    allowedModes: task.allowedModes.filter(mode => mode !== 'automate' || task.harmClass === 'low'),
    timeZone: project.timeZone,
    limits: (task.limits ?? []).map(limit => ({ ...limit })),
    ...parseProjectSettings(project.settings),
    mostExplored: mostExplored[task.harmClass],
  }
}

const describeRow = (row: ProjectRow) =>
  describeSettings({ ...row, taskType: row.task_type, timeZone: row.time_zone })

/** Waits for whoever changes settings at the same time, and for nobody else: new rows that refer to the project go on. */
export async function lockSettings(tx: Transaction, projectId: string): Promise<ProjectRow> {
  const { rows } = await tx.$client.query<ProjectRow>(
    'SELECT name, slug, task_type, mode, time_zone, settings FROM projects WHERE id = $1 FOR NO KEY UPDATE',
    [projectId],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such project (any more).')
  return rows[0]
}

/** The settings one by one, as actions name them: `mode`, `guardrails.maxLength`, … */
export function flatSettings(row: ProjectRow): Record<string, unknown> {
  const { guardrails, serving, redactBeforeReview, mlflow } = parseProjectSettings(row.settings)
  return {
    name: row.name,
    mode: row.mode,
    timeZone: row.time_zone,
    redactBeforeReview,
    mlflow,
    ...Object.fromEntries(Object.entries(guardrails).map(([key, value]) => [`guardrails.${key}`, value])),
    ...Object.fromEntries(Object.entries(serving).map(([key, value]) => [`serving.${key}`, value])),
  }
}

/** Call after `lockSettings`. @throws AmendError mode_forbidden, invalid_input */
export async function storeSettings(
  tx: Transaction,
  projectId: string,
  row: ProjectRow,
  change: SettingsChange,
): Promise<ProjectRow> {
  if (change.mode) checkMode(taskOf(row.task_type), change.mode)
  checkLimits(taskOf(row.task_type), change.guardrails?.limits)
  const settings = parseProjectSettings(row.settings)
  const next: ProjectRow = {
    ...row,
    name: change.name ?? row.name,
    mode: change.mode ?? row.mode,
    time_zone: change.timeZone ?? row.time_zone,
    settings: {
      ...(row.settings as object),
      ...withServing(
        change.guardrails ? withGuardrails(settings, change.guardrails) : settings,
        change.serving ?? {},
        taskOf(row.task_type),
      ),
      redactBeforeReview: change.redactBeforeReview ?? settings.redactBeforeReview,
      mlflow: change.mlflow === undefined ? settings.mlflow : change.mlflow,
    },
  }
  await tx.$client.query(
    'UPDATE projects SET name = $2, mode = $3, time_zone = $4, settings = $5 WHERE id = $1',
    [projectId, next.name, next.mode, next.time_zone, JSON.stringify(next.settings)],
  )
  return next
}

/**
 * Changes settings; the action keeps only what differs. Undoable while nobody changed the same settings since.
 *
 * @throws AmendError mode_forbidden, invalid_input
 */
export async function changeSettings(scope: ProjectScope, change: SettingsChange) {
  return withTransaction(async tx => {
    const row = await lockSettings(tx, scope.projectId)
    const next = await storeSettings(tx, scope.projectId, row, change)
    const [before, after] = differences(flatSettings(row), flatSettings(next))
    const settings = describeRow(next)
    if (Object.keys(after).length === 0) return { settings, actionId: null }
    const actionId = await recordAction(tx, scope, {
      kind: 'settings.changed',
      targetType: 'settings',
      targetId: null,
      before,
      after,
    })
    return { settings, actionId }
  })
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>) {
  const changed = Object.keys(after).filter(key => !isDeepStrictEqual(before[key], after[key]))
  const pick = (from: Record<string, unknown>) => Object.fromEntries(changed.map(key => [key, from[key]]))
  return [pick(before), pick(after)] as const
}
