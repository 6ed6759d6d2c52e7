import type { MediaReference, TaskType } from '@/tasks/task-type'

/** The picture that something was written for, as others may know it: without what its owner says it shows. */
export function mediaForOthers(task: TaskType, payload: unknown): MediaReference | null {
  return task.mediaOf && payload ? { ...task.mediaOf(payload), alt: null } : null
}
