import 'server-only'
import canonicalize from 'canonicalize'
import type { ImportMapping } from '@/contract/v1/imports'
import { type Split, splits } from '@/domain/dataset-split'
import type { Beside, BroughtValue, ImportRow, PictureRow, RowValues, TableRow } from '@/exchange/registry'
import type { TableField, TaskType } from '@/tasks/task-type'
import { externalHash } from './find-actor'
import type { StoredPicture } from './store-media'

/** Fields of every item, whatever its task. */
export const itemFields: readonly TableField[] = [
  {
    id: 'externalId',
    label: 'Your id',
    hint: 'Makes sending the file again safe. Without one the content is compared.',
    required: false,
    names: ['external_id', 'externalid', 'id', 'message_id', 'uid', 'ticket_id', 'case_id', 'key'],
  },
  {
    id: 'groupId',
    label: 'Group',
    hint: 'A conversation or person: rows of one group never part between training and test.',
    required: false,
    names: [
      'group_id',
      'groupid',
      'thread_id',
      'conversation_id',
      'thread',
      'conversation',
      'group',
      'ticket',
    ],
  },
  {
    id: 'priority',
    label: 'Priority',
    hint: 'A whole number: higher is wanted sooner in queues that go by priority.',
    required: false,
    names: ['priority'],
  },
  {
    id: 'licence',
    label: 'Licence',
    hint: 'Under what the item may be used, as CC-BY-4.0.',
    required: false,
    names: ['licence', 'license'],
  },
  {
    id: 'value',
    label: 'Value',
    hint: 'What somebody said already is true. Datasets can hold it, with its source named import.',
    required: false,
    names: ['value', 'label', 'caption', 'reply', 'answer', 'completion', 'target', 'captions', 'labels'],
  },
  {
    id: 'annotator',
    label: 'Who said it',
    hint: 'Kept as a keyed hash.',
    required: false,
    names: ['annotator', 'annotator_id', 'labeler', 'worker_id', 'completed_by'],
  },
  {
    id: 'split',
    label: 'Split in the file',
    hint: 'train, validation or test: kept as a fact, and never decides.',
    required: false,
    names: ['split', 'subset', 'partition'],
  },
]

/** What somebody said of an item elsewhere. */
export interface ImportedValue {
  value: unknown
  /** A keyed hash. */
  annotator: string | null
}

export interface MappedRow {
  line: number
  payload: unknown
  /** Null where the file has none: the content names it then. */
  externalId: string | null
  groupId: string | null
  /** Higher is wanted sooner. */
  priority: number | null
  receivedAt: string | null
  licence: string | null
  values: ImportedValue[]
  /** The part of the file's dataset that it was in. */
  split: Split | null
  /** What the row holds as well and nothing takes. */
  notTaken: string[]
  /** The stored picture that it is about. */
  picture?: StoredPicture
}
export interface RefusedRow {
  line: number
  problem: { field: string | null; detail: string }
}

/** Whose rows they are. */
export interface RowsOf {
  projectId: string
  /** IANA: of times that a row gives without a zone of their own. */
  timeZone: string
}

/** Makes an item of a row, or says what is wrong, without quoting what stands in it. */
export function mapRow(
  { projectId, timeZone }: RowsOf,
  task: TaskType,
  mapping: ImportMapping,
  row: TableRow,
): MappedRow | RefusedRow {
  if ('problem' in row)
    return { line: row.line, problem: { field: row.problem.field, detail: row.problem.detail } }
  const refuse = (field: string | null, detail: string): RefusedRow => ({
    line: row.line,
    problem: { field, detail },
  })
  if (task.mediaOf)
    return refuse(null, 'The row comes without its picture. Pack the pictures and their metadata in one zip.')
  const besides = drawBesides(projectId, task, mapping, row)
  if ('problem' in besides) return refuse(besides.problem.field, besides.problem.detail)
  const found =
    row.beside?.payload !== undefined
      ? { payload: row.beside.payload, receivedAt: null, priority: null, externalId: null, groupId: null }
      : mapping.as === 'columns'
        ? drawColumns(task, timeZone, mapping.columns, row.values)
        : drawPayload(row.values)
  if ('problem' in found) return refuse(found.problem.field, found.problem.detail)
  const drawn: Omit<MappedRow, 'line'> = {
    ...found,
    ...besides,
    externalId: found.externalId ?? row.beside?.externalId?.trim() ?? null,
    groupId: found.groupId ?? row.beside?.groupId?.trim() ?? null,
  }
  for (const name of ['externalId', 'groupId'] as const)
    if ((drawn[name]?.length ?? 0) > 200) return refuse(name, 'It is longer than 200 characters.')
  if (!isStorable(drawn))
    return refuse(null, 'The row has a NUL character or half a surrogate pair. Remove it.')
  const parsed = task.payloadSchema.safeParse(drawn.payload)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return refuse(issue?.path.join('.') || null, `${issue?.message ?? 'It does not fit'}.`)
  }
  return {
    line: row.line,
    ...drawn,
    payload: parsed.data,
    externalId: drawn.externalId ?? task.nameOf?.(parsed.data) ?? null,
    groupId: drawn.groupId ?? task.groupOf?.(parsed.data) ?? null,
  }
}

const mostPriority = 1_000_000

/** A whole number as it is sent, or as a cell has it. */
function drawPriority(
  value: unknown,
): { priority: number | null } | { problem: { field: string; detail: string } } {
  if (value === null || value === undefined || (typeof value === 'string' && value.trim() === ''))
    return { priority: null }
  const number = typeof value === 'string' && /^\s*[-+]?\d{1,7}\s*$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= mostPriority)
    return { priority: number }
  return {
    problem: { field: 'priority', detail: 'It is not a whole number from -1,000,000 to 1,000,000.' },
  }
}

type Item = Pick<MappedRow, 'payload' | 'externalId' | 'groupId' | 'priority' | 'receivedAt'>
type Drawn = Item | { problem: { field: string | null; detail: string } }

function drawColumns(
  task: TaskType,
  timeZone: string,
  columns: Record<string, string>,
  values: RowValues,
): Drawn {
  const cells: Record<string, string> = {}
  for (const [field, column] of Object.entries(columns)) {
    if (besideFields.has(field)) continue
    const value = Object.hasOwn(values, column) ? values[column] : undefined
    if (value === null || value === undefined) continue
    if (typeof value === 'object')
      return { problem: { field, detail: 'It holds a list or an object, not a text.' } }
    cells[field] = String(value)
  }
  const item = task.table?.itemOf(cells, timeZone)
  if (!item) return { problem: { field: null, detail: `Items of ${task.label} are not made from columns.` } }
  if ('problem' in item) return item
  const ranked = drawPriority(cells.priority)
  if ('problem' in ranked) return ranked
  return {
    ...item,
    ...ranked,
    externalId: cells.externalId?.trim() || null,
    groupId: cells.groupId?.trim() || null,
  }
}

const besideFields = new Set(['licence', 'value', 'annotator', 'split'])
const mostValues = 100

type Besides = Pick<MappedRow, 'licence' | 'values' | 'split' | 'notTaken'>

/** Licence, values, split: from columns that are mapped to them, else from what the format says. */
function drawBesides(
  projectId: string,
  task: TaskType,
  mapping: ImportMapping,
  { values, beside = {} }: { values?: RowValues; beside?: Beside },
): Besides | { problem: { field: string; detail: string } } {
  const columns = ('columns' in mapping ? mapping.columns : undefined) ?? {}
  const wrapped = mapping.as === 'payload' && isObject(values?.payload)
  const cell = (field: string) => {
    const column = columns[field] ?? (wrapped ? field : undefined)
    const value = column !== undefined && values && Object.hasOwn(values, column) ? values[column] : null
    return value === '' || value === undefined ? null : value
  }
  const refuse = (field: string, detail: string) => ({ problem: { field, detail } })
  const licence = cell('licence') ?? beside.licence ?? mapping.licence ?? null
  if (licence !== null && (typeof licence !== 'string' || licence.trim() === '' || licence.length > 60))
    return refuse('licence', 'It is no text of 60 characters at most.')
  const split = splitOf(cell('split') ?? beside.split ?? null)
  const annotator = cell('annotator')
  if (annotator !== null && typeof annotator === 'object')
    return refuse('annotator', 'It holds a list or an object.')
  const own = cell('value')
  const brought: BroughtValue[] = [
    ...(beside.values ?? []),
    ...(own === null ? [] : Array.isArray(own) ? own : [own]).map(value => ({
      ...(isObject(value) ? { value } : { text: String(value) }),
      annotator: annotator === null ? null : String(annotator),
    })),
  ]
  if (brought.length > mostValues) return refuse('value', `It has more than ${mostValues} values.`)
  const taken: ImportedValue[] = []
  for (const one of brought) {
    if (one.text?.trim() === '') continue
    const value = one.text !== undefined ? task.valueOfText(one.text) : one.value
    if (value === null && task.answerKind === 'number')
      return refuse('value', 'It is no number. Write it as 1234.5, without separators.')
    const parsed = task.valueSchema.safeParse(value)
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      return refuse('value', `${issue?.message ?? 'It does not fit'}.`)
    }
    taken.push({
      value: parsed.data,
      annotator: one.annotator === null ? null : externalHash(projectId, `import\n${one.annotator}`),
    })
  }
  const besides = {
    licence: licence === null ? null : licence.trim(),
    split,
    values: taken,
    notTaken: beside.notTaken ?? [],
  }
  return isStorable(besides) ? besides : refuse('value', 'It has a NUL character or half a surrogate pair.')
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

export type PictureBesides = Besides & Pick<MappedRow, 'externalId' | 'groupId'>

/** What a picture's own file says of it besides, or what is wrong with that. */
export function mapBesides(
  projectId: string,
  task: TaskType,
  mapping: ImportMapping,
  row: PictureRow,
): PictureBesides | { problem: { field: string; detail: string } } {
  if (!task.itemOfPicture)
    return { problem: { field: 'picture', detail: `Items of ${task.label} are no pictures.` } }
  const besides = drawBesides(projectId, task, mapping, row)
  if ('problem' in besides) return besides
  const columns = ('columns' in mapping ? mapping.columns : undefined) ?? {}
  const idOf = (field: 'externalId' | 'groupId') => {
    const value = columns[field] === undefined ? null : row.values?.[columns[field]]
    const id = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : null
    return id || (row.beside?.[field]?.trim() ?? null) || null
  }
  const ids = { externalId: idOf('externalId'), groupId: idOf('groupId') }
  for (const field of ['externalId', 'groupId'] as const)
    if ((ids[field]?.length ?? 0) > 200)
      return { problem: { field, detail: 'It is longer than 200 characters.' } }
  return { ...besides, ...ids }
}

const splitWords: Record<string, Split> = { val: 'validation', valid: 'validation', dev: 'validation' }

/** Other words than those of three splits say nothing here. */
function splitOf(value: unknown): Split | null {
  if (typeof value !== 'string') return null
  const word = value.trim().toLowerCase()
  return splits.find(split => split === word) ?? splitWords[word] ?? null
}

/** A payload as it is, or under `payload` beside the item's own ids. */
function drawPayload(values: RowValues): Drawn {
  const ranked = drawPriority(values.priority)
  if ('problem' in ranked) return ranked
  const inner = values.payload
  const wrapped = inner !== null && typeof inner === 'object' && !Array.isArray(inner)
  const id = (...names: string[]) => {
    const value = names.map(name => values[name]).find(found => found !== undefined && found !== null)
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() || null : null
  }
  return {
    ...ranked,
    payload: wrapped ? inner : values,
    externalId: id('externalId', 'external_id', 'id'),
    groupId: id('groupId', 'group_id'),
    receivedAt: null,
  }
}

/** Whether UTF-8 and jsonb can hold all its texts. Not by recursion: a row may be hundreds of thousands of lists deep. */
function isStorable(value: unknown): boolean {
  const open = [value]
  while (open.length > 0) {
    const one = open.pop()
    if (typeof one === 'string') {
      if (one.includes('\0') || !one.isWellFormed()) return false
    } else if (one !== null && typeof one === 'object')
      for (const [key, part] of Object.entries(one)) open.push(key, part)
  }
  return true
}

/**
 * The name of an item that brought none: a keyed hash of its content, so that the same row is found again and nobody
 * without the instance's key can match it to a guess.
 */
export function nameByContent(projectId: string, payload: unknown): string {
  return `row-${externalHash(projectId, `import\n${canonicalize(payload) ?? ''}`).slice(0, 32)}`
}

/** Whether rows are payloads of the task already. */
export function arePayloads(task: TaskType, rows: readonly ImportRow[]): boolean {
  const readable = rows.filter(row => 'values' in row && !('picture' in row)).slice(0, 20) as TableRow[]
  const fitting = readable.filter(row => {
    if (!('values' in row)) return false
    const drawn =
      row.beside?.payload !== undefined ? { payload: row.beside.payload } : drawPayload(row.values)
    return !('problem' in drawn) && task.payloadSchema.safeParse(drawn.payload).success
  })
  return readable.length > 0 && fitting.length * 2 >= readable.length
}

/** Which column is what, by its name; null where nothing stands for a field that is needed. */
export function proposeMapping(
  task: TaskType,
  columns: readonly string[],
  rows: readonly ImportRow[],
): ImportMapping | null {
  if (rows.some(row => 'picture' in row)) {
    const found = proposeColumns(itemFields.map(pictureNames), columns, rows)
    return Object.keys(found).length > 0 ? { as: 'pictures', columns: found } : { as: 'pictures' }
  }
  if (arePayloads(task, rows)) return { as: 'payload' }
  if (!task.table) return null
  const taken = rows.some(row => 'values' in row && (row.beside?.values?.length ?? 0) > 0)
  const fields = fieldsOfTable(task).filter(field => !taken || field.id !== 'value')
  const mapping = proposeColumns(fields, columns, rows)
  const free = columns.filter(column => !Object.values(mapping).includes(column))
  for (const field of task.table.fields) {
    if (!field.required || mapping[field.id]) continue
    const longest = longestColumn(free, rows)
    if (!longest) return null
    mapping[field.id] = longest
  }
  return { as: 'columns', columns: mapping }
}

/** What a column may hold: fields of the task, then those of every item, the truth under the name that the task gives it. */
export function fieldsOfTable({ table }: TaskType): TableField[] {
  const besides = itemFields.map(field =>
    field.id === 'value' && table?.truth
      ? { ...field, label: 'Outcome', ...table.truth, names: [...table.truth.names, ...field.names] }
      : field,
  )
  return [...(table?.fields ?? []), ...besides]
}

/** What a picture is said to show comes under more names than other values do. */
const pictureNames = (field: TableField): TableField =>
  field.id === 'value' ? { ...field, names: [...field.names, 'text', 'description'] } : field

function proposeColumns(
  fields: readonly TableField[],
  columns: readonly string[],
  rows: readonly ImportRow[],
): Record<string, string> {
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '_')
      .replace(/^_|_$/g, '')
  const free = new Map(columns.map(column => [plain(column), column]))
  const mapping: Record<string, string> = {}
  for (const field of fields) {
    const name = field.names.find(known => free.has(known))
    const column = name === undefined ? undefined : free.get(name)
    if (name === undefined || column === undefined) continue
    // Words such as “high” have no order that we know: somebody maps them by hand, or leaves them out.
    if (
      field.id === 'priority' &&
      rows.some(row => 'values' in row && row.values && 'problem' in drawPriority(row.values[column]))
    )
      continue
    mapping[field.id] = column
    free.delete(name)
  }
  return mapping
}

function longestColumn(columns: readonly string[], rows: readonly ImportRow[]): string | undefined {
  const lengthOf = (column: string) =>
    rows.reduce((sum, row) => {
      const value = 'values' in row ? row.values?.[column] : null
      return sum + (typeof value === 'string' ? value.length : 0)
    }, 0)
  return [...columns].sort((a, b) => lengthOf(b) - lengthOf(a))[0]
}
