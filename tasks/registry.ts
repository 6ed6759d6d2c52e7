import type { ComponentType } from 'react'
import type { TaskFacts, TaskType } from './task-type'

/** Draws an item's stored input. */
type TaskViewer = ComponentType<{ payload: unknown }>

interface Registration extends TaskFacts {
  load(): Promise<TaskType>
  loadViewer(): Promise<TaskViewer>
}

const registrations = {
  'smart-reply': {
    id: 'smart-reply',
    label: 'Smart reply',
    harmClass: 'low',
    allowedModes: ['augment', 'prompt'],
    load: async () => (await import('./smart-reply/task')).smartReply as TaskType,
    loadViewer: async () => (await import('./smart-reply/viewer')).SmartReplyViewer as TaskViewer,
  },
} as const satisfies Record<string, Registration>

/** The id of a registered task type. */
export type TaskTypeId = keyof typeof registrations

/** Ids of all registered task types. */
export const taskTypeIds = Object.keys(registrations) as TaskTypeId[]

/** Label, harm class and modes of a task type without loading it; undefined for an unknown id. */
export function taskFacts(id: string): TaskFacts | undefined {
  return Object.hasOwn(registrations, id) ? registrations[id as TaskTypeId] : undefined
}

/** Loads a task type; throws for an unknown id. */
export async function loadTaskType(id: string): Promise<TaskType> {
  if (!Object.hasOwn(registrations, id)) throw new Error(`Unknown task type: ${id}`)
  return registrations[id as TaskTypeId].load()
}

/** Loads what draws an item of a task type; pages only. */
export async function loadTaskViewer(id: string): Promise<TaskViewer> {
  if (!Object.hasOwn(registrations, id)) throw new Error(`Unknown task type: ${id}`)
  return registrations[id as TaskTypeId].loadViewer()
}
