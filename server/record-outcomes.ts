import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { OutcomeAnswer, RecordOutcomesAnswer } from '@/contract/v1/outcomes'
import { outcomeInput } from '@/contract/v1/outcomes'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError, isAmendError } from '@/domain/errors'
import { canonicalJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { extendSeries } from './extend-series'
import { type Actor, findActor } from './find-actor'
import { recordAction } from './record-action'
import { appendOutcomes, lockOutcomes, settleOutcomes, turnBatch } from './settle-outcomes'
import { type ItemToStore, insertItem, prepareItem } from './store-item'

interface Wanted {
  itemId: string | null
  externalId: string | null
  item: ItemToStore | null
  value: unknown
}

/**
 * Records what came of items. Each is judged alone. The same value again changes nothing, another one corrects what
 * stood; all that changed is one action, which can be undone.
 *
 * @throws AmendError invalid_input where items of the project's task have no outcomes
 */
export async function recordOutcomes(
  scope: ProjectScope,
  inputs: readonly unknown[],
  options: { simulated?: boolean } = {},
): Promise<RecordOutcomesAnswer> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  if (!task.numberOf)
    throw new AmendError('invalid_input', `Items of ${task.label} have no outcome that becomes known later.`)
  const wanted: (Wanted | OutcomeAnswer)[] = []
  for (const [at, input] of inputs.entries()) wanted.push(await prepare(scope, input, at, actor, task))
  return withTransaction(async tx => {
    await lockOutcomes(tx, scope.projectId)
    const answers = await store(tx, scope, task, wanted, {
      id: uuidv7(),
      source: 'api',
      actorId: actor.id,
      simulated: options.simulated ?? false,
    })
    return answers
  })
}

async function prepare(
  scope: ProjectScope,
  input: unknown,
  at: number,
  actor: Actor,
  task: TaskType,
): Promise<Wanted | OutcomeAnswer> {
  const place = `outcomes[${at}]`
  const parsed = outcomeInput.safeParse(input)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return refuse([place, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'does not fit')
  }
  const { itemId, externalId, payload } = parsed.data
  if ([itemId, externalId, payload].filter(one => one !== undefined).length !== 1)
    return refuse(place, 'give one of itemId, externalId and payload')
  const given = parsed.data.value
  const value = task.valueSchema.safeParse(
    typeof given === 'number' && task.valueOfNumber ? task.valueOfNumber(given) : given,
  )
  if (!value.success) return refuse(`${place}.value`, value.error.issues[0]?.message ?? 'does not fit')
  try {
    const item =
      payload === undefined ? null : await prepareItem(scope, { payload }, actor, task, place, 'project')
    return {
      itemId: itemId ?? item?.id ?? null,
      externalId: externalId ?? null,
      item,
      value: value.data,
    }
  } catch (error) {
    if (!isAmendError(error)) throw error
    return refuse(error.extras.field ?? place, error.detail, error.code)
  }
}

const refuse = (field: string, detail: string, code = 'invalid_input'): OutcomeAnswer => ({
  status: 'refused',
  itemId: null,
  code,
  field,
  detail: detail.endsWith('.') ? detail : `${field}: ${detail}.`,
})

async function store(
  tx: Transaction,
  scope: ProjectScope,
  task: TaskType,
  wanted: readonly (Wanted | OutcomeAnswer)[],
  batch: Parameters<typeof appendOutcomes>[2],
): Promise<RecordOutcomesAnswer> {
  const { projectId } = scope
  const asked = wanted.filter((one): one is Wanted => 'value' in one)
  const fresh = new Map(asked.flatMap(({ item }) => (item?.isNew ? [[nameOf(task, item), item]] : [])))
  for (const item of fresh.values()) await insertItem(tx, projectId, item)
  const { rows } = await tx.$client.query<{
    id: string
    externalId: string | null
    payload: { series?: string } | null
    standing: unknown
  }>(
    `SELECT i.id, i.external_id AS "externalId", c.body AS payload, oc.body AS standing FROM items i
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     LEFT JOIN item_outcomes o ON o.project_id = i.project_id AND o.item_id = i.id
     LEFT JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id
     WHERE i.project_id = $1 AND i.erased_at IS NULL AND i.owner_actor_id IS NULL
       AND (i.id = ANY($2::uuid[]) OR i.external_id = ANY($3::text[]))`,
    [
      projectId,
      asked.flatMap(one => one.itemId ?? []),
      asked.flatMap(one => one.externalId ?? (one.item?.isNew ? nameOf(task, one.item) : [])),
    ],
  )
  const byId = new Map(rows.map(row => [row.id, row]))
  const byName = new Map(rows.flatMap(row => (row.externalId ? [[row.externalId, row]] : [])))
  const standing = new Map(
    rows.map(row => [row.id, row.standing === null ? null : canonicalJson(row.standing)]),
  )
  const changed: { itemId: string; value: unknown }[] = []
  const answers = wanted.map((one, at): OutcomeAnswer => {
    if (!('value' in one)) return one
    const name = one.externalId ?? (one.item?.isNew ? nameOf(task, one.item) : null)
    const row = name === null ? byId.get(one.itemId ?? '') : byName.get(name)
    if (!row)
      return refuse(
        `outcomes[${at}].${one.externalId === null ? 'itemId' : 'externalId'}`,
        'There is no such item in this project.',
        'not_found',
      )
    const value = canonicalJson(one.value)
    const before = standing.get(row.id) ?? null
    if (before === value) return { status: 'known', itemId: row.id }
    standing.set(row.id, value)
    changed.push({ itemId: row.id, value: one.value })
    return { status: before === null ? 'stored' : 'corrected', itemId: row.id }
  })
  if (changed.length === 0) return { outcomes: answers, actionId: null }
  await appendOutcomes(tx, projectId, batch, changed)
  const touched = [...new Set(changed.map(one => one.itemId))]
  await settleOutcomes(tx, projectId, touched)
  await extendSeries(tx, projectId, task, [
    ...new Set(touched.flatMap(id => byId.get(id)?.payload?.series ?? [])),
  ])
  const actionId = await recordAction(tx, scope, {
    kind: 'outcomes.recorded',
    targetType: 'outcomes',
    targetId: batch.id,
    after: {
      stored: answers.filter(one => one.status === 'stored').length,
      corrected: answers.filter(one => one.status === 'corrected').length,
    },
  })
  return { outcomes: answers, actionId }
}

/** New items are found by their own name, of which one request may hold several values. */
const nameOf = (task: TaskType, item: ItemToStore) =>
  item.externalId ?? task.nameOf?.(item.payload as never) ?? item.id

const turn = (kind: 'withdrawn' | 'restored'): Compensator => ({
  permission: 'outcomes.record',
  async undo(tx, action) {
    const batchId = action.targetId ?? ''
    await lockOutcomes(tx, action.projectId)
    const outcomes = await turnBatch(tx, action.projectId, batchId, kind)
    return {
      kind: kind === 'withdrawn' ? 'outcomes.withdrawn' : 'outcomes.restored',
      targetType: 'outcomes',
      targetId: batchId,
      after: { outcomes },
    }
  },
})

/** Takes outcomes back that came in together: what stood before them stands again. */
export const withdrawOutcomes = turn('withdrawn')
export const restoreOutcomes = turn('restored')
