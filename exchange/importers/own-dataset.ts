import type { Split } from '@/domain/dataset-split'
import type { Beside, BroughtValue, Dialect, RowValues } from '../importer'

const isText = (value: unknown): value is string => typeof value === 'string'
const textOrNull = (value: unknown) => (isText(value) && value !== '' ? value : null)
const isTrue = (value: unknown) => value === true || value === 'true'

/** Who said a value of ours: several who agreed are one voice, named by all of them. */
function annotatorOf(annotators: unknown): string | null {
  const listed = isText(annotators) && annotators.startsWith('[') ? parsedList(annotators) : annotators
  const names = isText(listed) ? listed.split(' ') : Array.isArray(listed) ? listed : []
  return [...names].filter(isText).filter(Boolean).sort().join(' ') || null
}

/**
 * Rows of our own dataset versions: JSON Lines and Parquet whole (its JSON may stand as text, and its split in the folder), CSV by its
 * flat columns. Items keep the caller's id, or
 * have their own as one. What was judged wrong, and what something was preferred to, is no truth and is told as not taken.
 */
export const ownDataset: Dialect = {
  label: 'Amend dataset version',
  matches: values => ['number', 'item_id', 'group_key', 'values', 'decided_at'].every(name => name in values),
  read(row) {
    const flat = !('input' in row)
    const values = flat ? unguarded(row) : row
    if (isTrue(values.erased))
      return { problem: { field: 'erased', detail: 'The row was erased before it was exported.' } }
    const annotator = annotatorOf(values.annotators)
    const beside: Beside = {
      externalId: textOrNull(values.external_id) ?? textOrNull(values.item_id),
      groupId: textOrNull(values.group_id),
      licence: textOrNull(values.licence),
      ...('split' in values ? { split: textOrNull(values.split) as Split | null } : {}),
      notTaken: [],
    }
    const own = values.values
    const listed = isText(own) ? parsedList(own) : Array.isArray(own) ? own : []
    const wrong = 'it was judged wrong, so it is no truth'
    beside.values = listed.flatMap((one): BroughtValue[] => {
      if (isText(one)) return [{ text: one, annotator }]
      const { value, verdict } = (one ?? {}) as { value?: unknown; verdict?: unknown }
      if (verdict !== 'wrong') return value === null || value === undefined ? [] : [{ value, annotator }]
      beside.notTaken?.push(`value: ${wrong}`)
      return []
    })
    if (flat && values.verdict === 'wrong') {
      beside.values = []
      beside.notTaken?.push(`value: ${wrong}`)
    }
    if (countOf(values.rejected) > 0)
      beside.notTaken?.push('rejected: what a value was preferred to is no truth')
    if (countOf(values.suggestions) > 0)
      beside.notTaken?.push('suggestions: send them as predictions of a model')
    return flat
      ? { values: inputColumns(values), beside }
      : {
          values: {},
          beside: { ...beside, payload: isText(values.input) ? parsedInput(values.input) : values.input },
        }
  },
}

/** An input that stands as text; what is no JSON is left for the task to refuse. */
function parsedInput(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const countOf = (value: unknown) =>
  (isText(value) ? parsedList(value) : Array.isArray(value) ? value : []).length

function parsedList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** The cells as they were before they were made safe for spreadsheets. */
function unguarded(values: RowValues): RowValues {
  const guarded = isText(values.formula_guard) ? values.formula_guard.split(' ') : []
  const cells = { ...values }
  for (const name of guarded) {
    const cell = cells[name]
    if (isText(cell) && cell.startsWith("'")) cells[name] = cell.slice(1)
  }
  return cells
}

const inputColumns = (cells: RowValues): RowValues =>
  Object.fromEntries(
    Object.entries(cells).flatMap(([name, cell]) =>
      name.startsWith('input_') && name !== 'input_text' ? [[name.slice('input_'.length), cell]] : [],
    ),
  )
