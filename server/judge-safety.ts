import 'server-only'
import { type GuardrailSettings, matchBlockedPattern } from '@/domain/guardrails'
import type { TaskType } from '@/tasks/task-type'

const looked = 3

/** Rules of safety that the first proposals break, by name; empty where they break none. */
export function judgeSafety(
  task: TaskType,
  settings: GuardrailSettings,
  payload: unknown,
  ranked: readonly { value: unknown }[],
): string[] {
  const values = ranked.slice(0, looked).map(one => one.value)
  if (values.length === 0) return []
  const broken = task.guardrails.rules
    .filter(rule => rule.safety && rule.check(payload, settings).verdict === 'suppress')
    .map(rule => rule.rule)
  if (values.some(value => !task.valueSchema.safeParse(value).success)) broken.push('schema')
  else if (values.some(value => matchBlockedPattern(settings.blockedPatterns, task.textOf(value)) !== null))
    broken.push('blocked-pattern')
  return broken
}
