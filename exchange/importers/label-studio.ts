import type { BroughtValue, Dialect, RowValues } from '../importer'

type Json = Record<string, unknown>
const objectsOf = (value: unknown): Json[] =>
  (Array.isArray(value) ? value : []).filter(one => one !== null && typeof one === 'object')
const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(one => typeof one === 'string')

/**
 * Tasks of Label Studio (docs/source/includes/task_format.md): `data` are the columns; texts and choices of annotations
 * that were not cancelled are values, by `completed_by`. Boxes, spans and other regions have no task here that takes them.
 */
export const labelStudio: Dialect = {
  label: 'Label Studio',
  matches: values =>
    isObject(values.data) && ('annotations' in values || 'predictions' in values || 'completions' in values),
  read(values) {
    const notTaken = new Set<string>()
    const found: BroughtValue[] = []
    for (const annotation of objectsOf(values.annotations ?? values.completions)) {
      if (annotation.was_cancelled === true) {
        notTaken.add('annotations that were cancelled')
        continue
      }
      const annotator = personOf(annotation.completed_by)
      for (const { type, value } of objectsOf(annotation.result)) {
        const inner = (value ?? {}) as Json
        const texts =
          type === 'textarea' ? textsOf(inner.text) : type === 'choices' ? textsOf(inner.choices) : null
        if (texts) found.push(...texts.map(text => ({ text, annotator })))
        else notTaken.add(`${wordOf(type)}: no task here takes such regions`)
      }
    }
    if (objectsOf(values.predictions).length > 0)
      notTaken.add('predictions: send them as predictions of a model')
    if (objectsOf(values.drafts).length > 0) notTaken.add('drafts: nobody has submitted them')
    const data = values.data as RowValues
    return {
      values: data,
      beside: {
        externalId: idOf(data.external_id) ?? idOf(values.id),
        ...(idOf(data.group_id) ? { groupId: idOf(data.group_id) } : {}),
        values: found,
        notTaken: [...notTaken],
      },
    }
  },
}

const isObject = (value: unknown) => value !== null && typeof value === 'object' && !Array.isArray(value)
const idOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null
const wordOf = (type: unknown) =>
  typeof type === 'string' && /^[a-z]{1,30}$/.test(type) ? type : 'other results'

function personOf(value: unknown): string | null {
  if (isObject(value)) return idOf((value as Json).id) ?? idOf((value as Json).email)
  return idOf(value)
}
