import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import { confidentJoint, outOfSample } from '@/domain/confident-learning'
import {
  type CheckName,
  type CheckRule,
  checkNames,
  defaultChecks,
  type Expectation,
} from '@/domain/dataset-check'
import { type Split, splits } from '@/domain/dataset-split'
import type { DatasetLine } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { detectorVersion, findPersonalData } from './find-personal-data'
import { turns } from './near-duplicates'
import type { FreezeWork } from './run-freeze'
import type { RunningJob } from './run-job'
import { sliceText } from './slices'
import { type Frozen, hashOfVersion } from './version-hash'
import { readVersion } from './version-lines'

/** Findings that are listed of one check; all of them are counted. */
const mostListed = 1000
/** Fewer rows, or rows of a class, are too few to call a label unlikely. */
const fewestForNoise = 30

/** Something that a check found: a row, what it is held against, how bad it is. Never what people wrote. */
interface Finding {
  row: number | null
  other?: number | null
  score?: number | null
  detail?: Record<string, unknown>
}

interface Measured {
  /** Null where the check does not apply. */
  value: number | null
  of: number | null
  findings?: Finding[]
  /** How many there are, where not all are at hand. */
  count?: number
  detail?: Record<string, unknown>
  method?: string
}

/** What the checks keep of a row. */
interface Seen {
  number: number
  split: Split
  itemId: string
  group: string
  cluster: string | null
  influenced: boolean
  unbiased: boolean
  known: boolean
  people: string[]
  label: string
  slices: DatasetLine['slices']
}

interface Looked {
  rows: Seen[]
  schema: Finding[]
  personal: Finding[]
  expected: { met: number; missed: Finding[]; missing: number }[]
  /** Words and class of each row with a verdict. */
  words: string[]
  /** When the newest row was decided, UTC. */
  newest: string
}

/**
 * Looks at a version before it is frozen, once: each check gives a number, and a list behind it. Says whether something
 * blocking was found that nobody has waived, and to what the version is held, where its rows were read for that.
 */
export async function checkVersion(
  job: RunningJob,
  work: FreezeWork,
): Promise<{ blocked: boolean; frozen: Frozen | null }> {
  let frozen: Frozen | null = null
  const { rules } = work.definition
  const applied = checkNames.flatMap(name => {
    const rule: CheckRule = { ...defaultChecks[name], ...stripped(rules.checks[name] ?? {}) }
    return rule.level === 'off' ? [] : [{ name, rule, level: rule.level }]
  })
  const { rows: before } = await getDb().$client.query(
    'SELECT count(*)::int AS n FROM dataset_checks WHERE project_id = $1 AND version_id = $2',
    [job.projectId, work.id],
  )
  if (before[0].n < applied.length) {
    const task = await loadTaskType(work.definition.taskType)
    const hash = hashOfVersion(work.definition.lineFormat)
    const looked = await look(job, work, task, hash)
    frozen = hash.end()
    const measured = await measure(job, work, looked)
    await job.chunk(async tx => {
      for (const table of ['dataset_findings', 'dataset_checks'])
        await tx.$client.query(`DELETE FROM ${table} WHERE project_id = $1 AND version_id = $2`, [
          job.projectId,
          work.id,
        ])
      for (const { name, rule, level } of applied)
        await store(tx, job.projectId, work.id, { name, level, limit: rule.limit, of: measured[name] })
      return { done: (work.counts.picked ?? 0) + hash.rows(), message: 'Checked' }
    })
  }
  const { rows: blocking } = await getDb().$client.query(
    `SELECT EXISTS (SELECT FROM dataset_checks WHERE project_id = $1 AND version_id = $2 AND level = 'blocking'
       AND outcome = 'found' AND waived_at IS NULL) AS yes`,
    [job.projectId, work.id],
  )
  return { blocked: blocking[0].yes, frozen }
}

const stripped = <T extends object>(rule: T): Partial<T> =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)) as Partial<T>

async function store(
  tx: Transaction,
  projectId: string,
  versionId: string,
  check: { name: CheckName; level: 'blocking' | 'warning'; limit: number; of: Measured },
): Promise<void> {
  const { value, of, findings = [], detail = {}, method } = check.of
  const outcome = value === null ? 'not-applicable' : value > check.limit ? 'found' : 'passed'
  await tx.$client.query(
    `INSERT INTO dataset_checks (project_id, version_id, name, level, outcome, value, "of", "limit", findings, detail, method)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      projectId,
      versionId,
      check.name,
      check.level,
      outcome,
      value,
      of,
      check.limit,
      check.of.count ?? findings.length,
      detail,
      method ?? `${check.name}-1`,
    ],
  )
  await tx.$client.query(
    `INSERT INTO dataset_findings (project_id, version_id, name, at, row_number, other_number, score, detail)
     SELECT $1, $2, $3, f.at, f.row, f.other, f.score, coalesce(f.detail, '{}')
     FROM jsonb_to_recordset($4::jsonb) AS f(at int, "row" int, other int, score float8, detail jsonb)`,
    [
      projectId,
      versionId,
      check.name,
      JSON.stringify(findings.slice(0, mostListed).map((one, at) => ({ ...one, at: at + 1 }))),
    ],
  )
}

/** Reads every row once, with its words, hashes it, and keeps what the checks need; the words go. */
async function look(
  job: RunningJob,
  work: FreezeWork,
  task: TaskType,
  hash: ReturnType<typeof hashOfVersion>,
): Promise<Looked> {
  const { expectations } = work.definition.rules
  const looked: Looked = {
    rows: [],
    schema: [],
    personal: [],
    expected: expectations.map(() => ({ met: 0, missed: [], missing: 0 })),
    words: [],
    newest: '',
  }
  const turn = turns()
  for await (const read of readVersion(job.projectId, work.id)) {
    hash.add(read)
    for (const { row, line } of read) {
      if (line.erased) continue
      looked.rows.push({
        number: line.number,
        split: line.split,
        itemId: line.item_id,
        group: line.group_key,
        cluster: line.cluster,
        influenced: line.model_influenced,
        unbiased: row.facts.unbiased ?? false,
        known: line.inclusion_probability !== null,
        people: line.annotators,
        label: line.values[0]?.verdict ?? line.state ?? line.source ?? 'none',
        slices: line.slices,
      })
      if (line.decided_at > looked.newest) looked.newest = line.decided_at
      const misfit = misfitOf(task, line)
      if (misfit) looked.schema.push({ row: line.number, detail: misfit })
      const personal = personalIn(task, line)
      if (personal) looked.personal.push({ row: line.number, ...personal })
      for (const [at, expectation] of expectations.entries()) {
        const tally = looked.expected[at]
        if (!tally || !('field' in expectation)) continue
        if (meets(task, line, expectation)) tally.met++
        else {
          tally.missing++
          if (tally.missed.length < mostListed)
            tally.missed.push({
              row: line.number,
              detail: { expectation: at, kind: expectation.kind, field: expectation.field },
            })
        }
      }
      if (work.definition.target === 'verdict')
        looked.words.push(`${task.inputText(line.input)} ${valueText(task, line)}`)
      await turn()
    }
    const done = hash.rows()
    await job.chunk(async () => ({
      done: (work.counts.picked ?? 0) + done,
      message: `Checking and hashing rows: ${done.toLocaleString('en')}`,
    }))
  }
  return looked
}

const valueText = (task: TaskType, line: DatasetLine) =>
  line.values
    .map(one => (one.value === null || one.value === undefined ? '' : task.textOf(one.value)))
    .join('\n')

function misfitOf(task: TaskType, line: DatasetLine): Record<string, unknown> | null {
  const payload = task.payloadSchema.safeParse(line.input)
  if (!payload.success) return { part: 'input', field: payload.error.issues[0]?.path.join('.') ?? '' }
  for (const [at, { value }] of [...line.values, ...line.rejected].entries()) {
    const parsed = task.valueSchema.safeParse(value)
    if (!parsed.success) return { part: 'value', at, field: parsed.error.issues[0]?.path.join('.') ?? '' }
  }
  return null
}

/** Where personal data stands in a row: which text, and from where to where. */
function personalIn(
  task: TaskType,
  line: DatasetLine,
): { score: number; detail: Record<string, unknown> } | null {
  const spans: { part: string; text: number; start: number; end: number; kind: string }[] = []
  const listen = (part: string) => {
    let text = 0
    return (words: string) => {
      for (const { start, end, kind } of findPersonalData(words)) spans.push({ part, text, start, end, kind })
      text++
      return words
    }
  }
  task.mapTexts(line.input, listen('input'))
  const inValue = listen('value')
  for (const { value } of [...line.values, ...line.rejected]) task.mapValueTexts(value, inValue)
  if (spans.length === 0) return null
  return {
    score: spans.length,
    detail: { kinds: [...new Set(spans.map(one => one.kind))].sort(), spans: spans.slice(0, 20) },
  }
}

function fieldOf(task: TaskType, line: DatasetLine, field: string): string | number | boolean | null {
  if (field.startsWith('slice.')) return line.slices[field.slice('slice.'.length)] ?? null
  switch (field) {
    case 'value':
      return valueText(task, line) || null
    case 'input_text':
      return task.inputText(line.input) || null
    case 'suggestion': {
      const first = line.suggestions[0]?.value
      return first === undefined || first === null ? null : task.textOf(first)
    }
    case 'confidence':
      return line.suggestions[0]?.confidence ?? null
    case 'lang':
      return line.slices.lang ?? null
    case 'state':
      return line.state
    case 'source':
      return line.source
    case 'agreement':
      return line.agreement
    case 'licence':
      return line.licence
    default:
      return null
  }
}

/** What is expected of every row. */
type OfRows = Extract<Expectation, { field: string }>

/** A field that is not there meets everything but being there: what may be missing is said by `present`. */
function meets(task: TaskType, line: DatasetLine, expectation: OfRows): boolean {
  const value = fieldOf(task, line, expectation.field)
  if (expectation.kind === 'present') return value !== null && String(value).trim() !== ''
  if (value === null) return true
  const between = (n: number, { from, to }: { from?: number | undefined; to?: number | undefined }) =>
    (from === undefined || n >= from) && (to === undefined || n <= to)
  switch (expectation.kind) {
    case 'length':
      return between([...String(value)].length, expectation)
    case 'range':
      return typeof value === 'number' && between(value, expectation)
    case 'one-of':
      return expectation.values.includes(String(value))
    case 'without': {
      const words = String(value).toLowerCase()
      return !expectation.words.some(word => words.includes(word.toLowerCase()))
    }
  }
}

const dayMs = 86_400_000

/** What is expected of the version as a whole: met once, or missed once. */
function judgeWhole({ definition }: FreezeWork, looked: Looked): void {
  const readAtMs = Date.parse(definition.asOf?.at ?? '')
  for (const [at, expectation] of definition.rules.expectations.entries()) {
    const tally = looked.expected[at]
    if (!tally || 'field' in expectation) continue
    const n = looked.rows.length
    const met =
      expectation.kind === 'volume'
        ? n >= (expectation.from ?? 0) && n <= (expectation.to ?? Number.POSITIVE_INFINITY)
        : readAtMs - Date.parse(looked.newest) <= expectation.withinDays * dayMs
    if (met) tally.met = 1
    else {
      tally.missing = 1
      const is = expectation.kind === 'volume' ? { rows: n } : { newest: looked.newest }
      tally.missed.push({ row: null, detail: { expectation: at, kind: expectation.kind, ...is } })
    }
  }
}

async function measure(
  job: RunningJob,
  work: FreezeWork,
  looked: Looked,
): Promise<Record<CheckName, Measured>> {
  const { rows } = looked
  judgeWhole(work, looked)
  const test = rows.filter(row => row.split === 'test')
  const train = rows.filter(row => row.split === 'train')
  const biased = test.filter(row => !row.unbiased)
  const unknown = rows.filter(row => !row.known)
  const influenced = train.filter(row => row.influenced)
  const missing = looked.expected.map(
    ({ met, missing }, at) =>
      missing > 0 &&
      met / (met + missing) < (work.definition.rules.expectations[at] as Expectation).share - 1e-12,
  )
  const missed = looked.expected.flatMap((one, at) => (missing[at] ? one.missed : []))
  const missedRows = looked.expected.reduce((sum, one, at) => sum + (missing[at] ? one.missing : 0), 0)
  return {
    leakage: await leakage(job, rows),
    duplicates: duplicates(rows),
    'inclusion-probability': {
      value: unknown.length,
      of: rows.length,
      findings: unknown.slice(0, mostListed).map(({ number }) => ({ row: number })),
      count: unknown.length,
    },
    'test-basis': {
      value: test.length === 0 ? null : biased.length / test.length,
      of: test.length,
      findings: biased.slice(0, mostListed).map(({ number }) => ({ row: number })),
      count: biased.length,
      detail: { biased: biased.length },
    },
    'personal-data': {
      value: looked.personal.length,
      of: rows.length,
      findings: looked.personal.sort((a, b) => (b.score ?? 0) - (a.score ?? 0)),
      detail: { kinds: countKinds(looked.personal) },
      method: detectorVersion,
    },
    'label-noise': labelNoise(looked),
    balance: balanceOf(train, work.definition.rules.balance?.by ?? 'label'),
    schema: { value: looked.schema.length, of: rows.length, findings: looked.schema },
    expectations:
      looked.expected.length === 0
        ? { value: null, of: null, detail: { why: 'none-written' } }
        : {
            value: missedRows,
            of: rows.length,
            findings: missed,
            count: missedRows,
            detail: { expectations: looked.expected.map(({ met, missing }) => ({ met, missing })) },
          },
    influenced: {
      value: train.length === 0 ? null : influenced.length / train.length,
      of: train.length,
      findings: influenced.slice(0, mostListed).map(({ number }) => ({ row: number })),
      count: influenced.length,
      detail: { influenced: influenced.length },
    },
    contribution: contributionOf(rows),
  }
}

/**
 * Groups and near-duplicates that stand in more than one split, each row beside the first of the other split; and rows
 * whose group the project's ledger has elsewhere: test that was trained on, or training on what is test.
 */
async function leakage(job: RunningJob, rows: readonly Seen[]): Promise<Measured> {
  const first = new Map<string, Map<Split, Seen>>()
  const keysOf = (row: Seen) => [row.group, ...(row.cluster === null ? [] : [`cluster ${row.cluster}`])]
  for (const row of rows)
    for (const key of keysOf(row)) {
      const met = first.get(key) ?? new Map<Split, Seen>()
      if (!met.has(row.split)) met.set(row.split, row)
      first.set(key, met)
    }
  const findings: Finding[] = []
  for (const row of rows)
    for (const key of keysOf(row)) {
      const met = first.get(key)
      // The pair is told by the one whose split comes later, so once.
      const other = splits
        .slice(0, splits.indexOf(row.split))
        .map(split => met?.get(split))
        .find(one => one !== undefined)
      if (!other) continue
      findings.push({
        row: row.number,
        other: other.number,
        score: row.split === 'test' ? 2 : 1,
        detail: { by: key === row.group ? 'group' : 'near-duplicate', split: row.split, other: other.split },
      })
      break
    }
  const groups = [...new Set(rows.map(row => row.group))]
  const { rows: ledger } = await getDb().$client.query<{ group: string; split: Split }>(
    'SELECT group_key AS "group", split FROM dataset_groups WHERE project_id = $1 AND group_key = ANY($2::text[])',
    [job.projectId, groups],
  )
  const was = new Map(ledger.map(one => [one.group, one.split]))
  for (const row of rows) {
    const before = was.get(row.group)
    if (before && (before === 'test') !== (row.split === 'test'))
      findings.push({
        row: row.number,
        score: 3,
        detail: { by: 'ledger', split: row.split, other: before },
      })
  }
  findings.sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || (a.row ?? 0) - (b.row ?? 0))
  return { value: findings.length, of: rows.length, findings }
}

/** Rows that are nearly the same as an earlier one of their split, about another item. */
function duplicates(rows: readonly Seen[]): Measured {
  const first = new Map<string, Seen>()
  const findings: Finding[] = []
  for (const row of rows) {
    if (row.cluster === null) continue
    const key = `${row.cluster} ${row.split}`
    const met = first.get(key)
    if (!met) first.set(key, row)
    else if (met.itemId !== row.itemId)
      findings.push({ row: row.number, other: met.number, detail: { split: row.split } })
  }
  return { value: findings.length, of: rows.length, findings }
}

function countKinds(findings: readonly Finding[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { detail } of findings)
    for (const kind of (detail?.kinds ?? []) as string[]) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** Texts that people wrote have no classes, so only verdicts can be unlikely. */
function labelNoise({ rows, words }: Looked): Measured {
  const none = (why: string): Measured => ({ value: null, of: null, detail: { why } })
  if (words.length === 0) return none('no-classes')
  const classes = [...new Set(rows.map(row => row.label))].sort()
  const labels = rows.map(row => classes.indexOf(row.label))
  const counts = classes.map((_, at) => labels.filter(label => label === at).length)
  if (classes.length < 2 || rows.length < fewestForNoise || Math.min(...counts) < 5) return none('too-few')
  // Rows of a group share a fold: a model must not know a row by its neighbour.
  const folds = rows.map(row => Number.parseInt(row.group.slice(-8), 16) % 5)
  const { unlikely, joint, thresholds } = confidentJoint(
    labels,
    outOfSample(words, labels, folds, classes.length),
  )
  return {
    value: unlikely.length,
    of: rows.length,
    findings: unlikely.map(({ row, likelier, margin }) => ({
      row: rows[row]?.number ?? null,
      score: margin,
      detail: { label: rows[row]?.label, likelier: classes[likelier] },
    })),
    detail: { classes, joint, thresholds },
    method: 'confident-learning-1, naive Bayes over words in 5 folds',
  }
}

/** How many times the rarest class of train the most common one is. */
function balanceOf(train: readonly Seen[], by: string): Measured {
  const counts = new Map<string, number>()
  for (const row of train) {
    const value = by === 'label' ? row.label : sliceText(row.slices[by.slice('slice.'.length)])
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const sizes = [...counts.values()]
  const detail = {
    by,
    classes: Object.fromEntries([...counts].sort(([, a], [, b]) => b - a).slice(0, 50)),
  }
  if (sizes.length < 2) return { value: null, of: null, detail: { ...detail, why: 'one-class' } }
  return { value: Math.max(...sizes) / Math.min(...sizes), of: train.length, detail }
}

function contributionOf(rows: readonly Seen[]): Measured {
  const counts = new Map<string, number>()
  for (const row of rows) for (const person of row.people) counts.set(person, (counts.get(person) ?? 0) + 1)
  const most = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]
  if (!most) return { value: null, of: null, detail: { why: 'nobody' } }
  const own = rows.filter(row => row.people.includes(most[0]))
  return {
    value: own.length / rows.length,
    of: rows.length,
    findings: own.slice(0, mostListed).map(({ number }) => ({ row: number })),
    count: own.length,
    detail: { people: counts.size, pseudonym: most[0], rows: own.length },
  }
}
