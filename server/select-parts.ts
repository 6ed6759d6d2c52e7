import 'server-only'
import { setImmediate as pause } from 'node:timers/promises'
import type { QueuePreview } from '@/contract/v1/review'
import { type Database, getDb, type Transaction } from '@/db/client'
import {
  farthestFirst,
  leastForSlice,
  partBudgets,
  type SelectionRule,
  type SingleRule,
  unitVector,
  wordVector,
} from '@/domain/selection'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import {
  countPool,
  findWeakSlice,
  listChosen,
  readForDistance,
  type Selection,
  samplePool,
} from './select-items'

/** A rule with the most that one filling takes by it. `part`: which of a mix, null for a rule by itself. */
export interface BudgetedPart {
  rule: SingleRule
  budget: number
  part: number | null
}

/** The rules that are filled within budgets, in their order; null for one that takes all that it wants. */
export function budgetedParts(rule: SelectionRule): BudgetedPart[] | null {
  if (rule.strategy !== 'mix')
    return rule.budget === undefined ? null : [{ rule, budget: rule.budget, part: null }]
  const budgets = partBudgets(rule)
  return rule.parts.map(({ rule: own }, part) => ({
    rule: { ...own, filters: { ...rule.filters, ...own.filters } } as SingleRule,
    budget: Math.min(budgets[part] ?? 0, own.budget ?? Number.POSITIVE_INFINITY),
    part,
  }))
}

/** For a rule that goes by distance: the items that lie farthest from each other and from what is in the queue. */
export async function withFarApart<S extends Selection>(
  db: Database | Transaction,
  selection: S,
  most: number,
): Promise<S> {
  if (selection.rule.strategy !== 'diversity') return selection
  const { rows: projects } = await db.$client.query('SELECT task_type FROM projects WHERE id = $1', [
    selection.projectId,
  ])
  const task = await loadTaskType(projects[0].task_type)
  const items = (await readForDistance(db, selection)).filter(item => item.payload !== null)
  const [kind] = Object.keys(items.find(item => item.vectors)?.vectors ?? {})
  // Vectors of two kinds can't be compared: one that not every item has is of no use.
  const common = kind !== undefined && items.every(item => item.vectors?.[kind]) ? kind : null
  const vectorOf = (item: (typeof items)[number]) =>
    common === null
      ? wordVector(task.inputText(item.payload as never))
      : unitVector(floatsOf(item.vectors?.[common] ?? ''))
  const open = items.filter(item => !item.inQueue)
  const found = await farthestFirst(
    open.map(vectorOf),
    items.filter(item => item.inQueue).map(vectorOf),
    most,
    pause,
  )
  return {
    ...selection,
    farApart: found.map(({ index, distance }) => ({ itemId: open[index]?.itemId ?? '', distance })),
  }
}

function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4))
}

const sampled = 5

/** What a rule would select now, part by part; stores nothing. */
export async function previewRule(
  scope: ProjectScope,
  rule: SelectionRule,
  seed: string,
): Promise<QueuePreview> {
  const db = getDb()
  const task = await loadTaskType(scope.project.taskType)
  const parts = budgetedParts(rule) ?? [{ rule: rule as SingleRule, budget: null, part: null }]
  const searches = parts.some(one => one.rule.strategy === 'weak-slice' && !one.rule.slice)
  const slice = searches ? await findWeakSlice(db, scope.projectId, leastForSlice) : null
  const taken: string[] = []
  const found: { poolSize: number; selected: number }[] = []
  const sample: QueuePreview['sample'] = []
  for (const { rule: own, budget, part } of parts) {
    const selection = await withFarApart<Selection>(
      db,
      {
        projectId: scope.projectId,
        queueId: null,
        rule: own,
        seed: part === null ? seed : `${seed}.${part}`,
        overlap: 1,
        since: null,
        part,
        without: [...taken],
        weakSlice: slice,
      },
      budget ?? 0,
    )
    const { poolSize, selected } = await countPool(db, selection)
    const kept = budget === null ? selected : Math.min(budget, selected)
    found.push({ poolSize, selected: kept })
    const rows = await samplePool(db, selection, Math.min(kept, sampled))
    sample.push(
      ...rows.map(({ itemId, payload, score }) => ({
        itemId,
        score,
        part,
        title: payload === null ? '' : task.titleOf(payload),
      })),
    )
    if (part !== null && kept > 0) taken.push(...(await listChosen(db, selection, kept)))
  }
  return {
    poolSize: Math.max(...found.map(one => one.poolSize)),
    selected: found.reduce((sum, one) => sum + one.selected, 0),
    sample,
    parts: rule.strategy === 'mix' ? found : [],
    slice,
  }
}
