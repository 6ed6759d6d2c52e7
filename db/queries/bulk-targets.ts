import type { BulkSelection } from '@/contract/v1/bulk-acts'
import type { BulkAct, BulkReason } from '@/domain/bulk-acts'
import { type FeedbackProject, filterConditions, findByRareWords, joinsOf } from './feedback'
import { isGold } from './gold'

type Value = string | number | readonly string[]

/** A statement that lists what a selection reaches, and its values so far: `$1` is the project. */
export interface Targets {
  /** Rows `item_id, rows`: each item once, with how many rows of the explorer are about it. */
  text: string
  values: Value[]
}

/** @throws AmendError invalid_input (words that hold NUL) */
export async function targetsOf(project: FeedbackProject, selection: BulkSelection): Promise<Targets> {
  const values: Value[] = [project.projectId]
  const bind = (value: Value) => `$${values.push(value)}`
  if ('exposureIds' in selection) {
    const ids = bind(selection.exposureIds)
    return {
      text: `SELECT d.item_id, count(*) AS rows FROM decisions d
        WHERE d.project_id = $1::uuid AND d.exposure_id = ANY(${ids}::uuid[]) GROUP BY 1`,
      values,
    }
  }
  const { filter, except, until } = selection
  const conditions = filterConditions(project, filter, bind)
  const found = filter.text ? await findByRareWords(project, filter.text) : null
  if (found) conditions.push(`d.exposure_id = ANY(${bind(found)}::uuid[])`)
  if (except.length > 0) conditions.push(`d.exposure_id <> ALL(${bind(except)}::uuid[])`)
  if (until) conditions.push(`d.exposed_at <= ${bind(until)}::timestamptz`)
  return {
    text: `SELECT d.item_id, count(*) AS rows FROM decisions d ${joinsOf(filter)}
      WHERE $1::uuid IS NOT NULL AND ${conditions.join(' AND ')} GROUP BY 1`,
    values,
  }
}

const carries = (tag: string) =>
  `EXISTS (SELECT FROM item_tags t WHERE t.project_id = i.project_id AND t.item_id = i.id AND t.tag = ${tag})`
const when = (condition: string, reason: BulkReason) => `WHEN ${condition} THEN '${reason}'`

/** Why an act leaves `items i` as it is; null where it changes it. What redaction finds shows only when it is looked for. */
export function reasonSql(act: BulkAct, bind: (value: string) => string): string {
  const erased = when('i.erased_at IS NOT NULL', 'erased')
  const parts = () => {
    switch (act.kind) {
      case 'tag':
        return [erased, when(carries(bind(act.tag)), 'tagged')]
      case 'untag':
        return [when(`NOT ${carries(bind(act.tag))}`, 'untagged')]
      case 'exclude':
        return [when('i.excluded_at IS NOT NULL', 'excluded')]
      case 'include':
        return [when('i.excluded_at IS NULL', 'included')]
      case 'redact':
        return [erased, when('i.redacted_content_id IS NOT NULL', 'redacted')]
      case 'queue':
        return [
          erased,
          when('i.owner_actor_id IS NOT NULL', 'private'),
          when('i.simulated AND NOT (SELECT demo FROM projects x WHERE x.id = i.project_id)', 'simulated'),
          when(isGold('i.project_id', 'i.id'), 'gold'),
          when(
            `EXISTS (SELECT FROM queue_entries q WHERE q.project_id = i.project_id AND q.queue_id = ${bind(act.queueId)}::uuid
              AND q.item_id = i.id AND q.kind = 'review')`,
            'in-queue',
          ),
        ]
    }
  }
  return `CASE ${parts().join(' ')} END`
}
