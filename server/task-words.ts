import 'server-only'
import { z } from 'zod'
import { loadTaskType, taskTypeIds } from '@/tasks/registry'

/** The names of all fields that payloads and values of our task types have. */
export async function taskFieldNames(): Promise<string[]> {
  const names: string[] = []
  const read = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') names.push(...Object.keys(value as object))
      read(value)
    }
  }
  for (const id of taskTypeIds) {
    const task = await loadTaskType(id)
    for (const schema of [task.payloadSchema, task.valueSchema])
      read(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  }
  return names
}
