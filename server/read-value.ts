import 'server-only'
import type { TaskType } from '@/tasks/task-type'

/**
 * A value as the type stores it, from one that fits its schema or from words that it reads as one: pages that know words alone
 * send `{ text }`.
 */
export function readValue(
  task: TaskType,
  given: unknown,
): { value: unknown } | { problem: { path: PropertyKey[]; message: string } } {
  const fits = task.valueSchema.safeParse(given)
  if (fits.success) return { value: fits.data }
  const text = (given as { text?: unknown } | null)?.text
  if (typeof text === 'string') {
    const value = task.valueOfText(text)
    const read = value === null ? null : task.valueSchema.safeParse(value)
    if (read?.success) return { value: read.data }
    if (task.answerKind === 'number')
      return {
        problem: { path: ['text'], message: `“${text.slice(0, 40)}” is no number. Write one such as 12.5` },
      }
  }
  const issue = fits.error.issues[0]
  return { problem: { path: [...(issue?.path ?? [])], message: issue?.message ?? 'does not fit' } }
}
