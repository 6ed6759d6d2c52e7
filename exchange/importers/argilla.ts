import type { BroughtValue, Dialect, RowValues } from '../importer'

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
const idOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null
const listOf = (value: unknown): unknown[] => {
  if (typeof value !== 'string') return Array.isArray(value) ? value : []
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

const flatQuestion = /^(.+)\.responses$/
const aboutQuestion =
  /\.(?:responses|responses\.users|responses\.status|suggestion|suggestion\.score|suggestion\.agent)$/

/**
 * Records of Argilla 2 (argilla/src/argilla/records/_io), nested or as flat columns (`q.responses`): texts that were
 * submitted are values. Of several questions the first that was answered in words counts; ratings, rankings and spans
 * have no task here that takes them.
 */
export const argilla: Dialect = {
  label: 'Argilla',
  matches: values =>
    (isObject(values.fields) && ('responses' in values || 'suggestions' in values)) ||
    Object.keys(values).some(name => flatQuestion.test(name)),
  read: values => (isObject(values.fields) ? readNested(values, values.fields) : readFlat(values)),
}

interface Response {
  value: unknown
  user: string | null
  status: unknown
}

function readNested(values: RowValues, fields: RowValues) {
  const questions = new Map<string, Response[]>()
  for (const [name, answers] of Object.entries(isObject(values.responses) ? values.responses : {}))
    questions.set(
      name,
      listOf(answers)
        .filter(isObject)
        .map(({ value, user_id, status }) => ({ value, user: idOf(user_id), status })),
    )
  const suggested = isObject(values.suggestions) && Object.keys(values.suggestions).length > 0
  const metadata = isObject(values.metadata) ? values.metadata : {}
  const vectors = isObject(values.vectors) && Object.keys(values.vectors).length > 0
  return {
    values: { ...metadata, ...fields },
    beside: { externalId: idOf(values.id), ...taken(questions, suggested, vectors) },
  }
}

function readFlat(values: RowValues) {
  const questions = new Map<string, Response[]>()
  let suggested = false
  for (const [name, cell] of Object.entries(values)) {
    if (name.endsWith('.suggestion') && cell !== null && cell !== '') suggested = true
    const question = flatQuestion.exec(name)?.[1]
    if (question === undefined) continue
    const users = listOf(values[`${question}.responses.users`])
    const statuses = listOf(values[`${question}.responses.status`])
    questions.set(
      question,
      listOf(cell).map((value, at) => ({ value, user: idOf(users[at]), status: statuses[at] })),
    )
  }
  const columns = Object.fromEntries(Object.entries(values).filter(([name]) => !aboutQuestion.test(name)))
  return { values: columns, beside: { externalId: idOf(values.id), ...taken(questions, suggested, false) } }
}

function taken(questions: ReadonlyMap<string, readonly Response[]>, suggested: boolean, vectors: boolean) {
  const notTaken = new Set<string>()
  let found: BroughtValue[] = []
  let chosen = false
  for (const answers of questions.values()) {
    const submitted = answers.filter(
      ({ status }) => status === undefined || status === null || status === 'submitted',
    )
    if (submitted.length < answers.length) notTaken.add('responses that were discarded or are drafts')
    const texts = submitted.flatMap(({ value, user }): BroughtValue[] =>
      typeof value === 'string' && value.trim() !== '' ? [{ text: value, annotator: user }] : [],
    )
    if (texts.length < submitted.length) notTaken.add('answers that are no text: no task here takes them')
    if (texts.length === 0) continue
    if (chosen) notTaken.add('answers to further questions: an item has one')
    else found = texts
    chosen = true
  }
  if (suggested) notTaken.add('suggestions: send them as predictions of a model')
  if (vectors) notTaken.add('vectors: they are computed here anew')
  return { values: found, notTaken: [...notTaken] }
}
