import type { Dialect } from '../importer'

const idOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null

/**
 * JSON Lines of doccano: `{"text", "label": ["…"]}`; labels that are words are values, spans (`[start, end, "X"]`) have no
 * task here that takes them.
 */
export const doccano: Dialect = {
  label: 'doccano',
  matches: values =>
    ('text' in values || 'filename' in values) &&
    (Array.isArray(values.label) || Array.isArray(values.labels)) &&
    !('messages' in values),
  read(values) {
    const { label, labels, entities, relations, Comments, ...columns } = values
    const given = (Array.isArray(label) ? label : labels) as unknown[]
    const texts = given.filter(one => typeof one === 'string')
    const notTaken = new Set<string>()
    if (texts.length < given.length || count(entities) > 0)
      notTaken.add('spans: no task here takes such regions')
    if (count(relations) > 0) notTaken.add('relations: no task here takes them')
    if (count(Comments) > 0) notTaken.add('comments')
    return {
      values: columns,
      beside: {
        externalId: idOf(values.id),
        values: texts.map(text => ({ text, annotator: null })),
        notTaken: [...notTaken],
      },
    }
  },
}

const count = (value: unknown) => (Array.isArray(value) ? value.length : 0)
