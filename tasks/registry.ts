import type { ComponentType } from 'react'
import type { AnswerKind } from '@/domain/review'
import { imageCaptionFacts } from './image-caption/facts'
import { numericFacts } from './numeric/facts'
import { smartReplyFacts } from './smart-reply/facts'
import type { TaskFacts, TaskType, TaskViewerProps } from './task-type'

/** Draws an item's stored input. */
type TaskViewer = ComponentType<TaskViewerProps>

interface Registration extends TaskFacts {
  load(): Promise<TaskType>
  loadViewer(): Promise<TaskViewer>
}

const registrations = {
  'smart-reply': {
    ...smartReplyFacts,
    load: async () => (await import('./smart-reply/task')).smartReply as TaskType,
    loadViewer: async () => (await import('./smart-reply/viewer')).SmartReplyViewer as TaskViewer,
  },
  'image-caption': {
    ...imageCaptionFacts,
    load: async () => (await import('./image-caption/task')).imageCaption as TaskType,
    loadViewer: async () => (await import('./image-caption/viewer')).ImageCaptionViewer as TaskViewer,
  },
  numeric: {
    ...numericFacts,
    load: async () => (await import('./numeric/task')).numeric as TaskType,
    loadViewer: async () => (await import('./numeric/viewer')).NumericViewer as TaskViewer,
  },
} as const satisfies Record<string, Registration>

/** The id of a registered task type. */
export type TaskTypeId = keyof typeof registrations

/** Ids of all registered task types. */
export const taskTypeIds = Object.keys(registrations) as TaskTypeId[]

/** What is known of a task type without loading it; undefined for an unknown id. */
export function taskFacts(id: string): TaskFacts | undefined {
  return Object.hasOwn(registrations, id) ? registrations[id as TaskTypeId] : undefined
}

/** What answers of a task type are. */
export function answerKindOf(id: string): AnswerKind {
  return taskFacts(id)?.answerKind ?? 'words'
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
