import 'server-only'
import type { AgreementQuery, AgreementView } from '@/contract/v1/agreement'
import { getDb } from '@/db/client'
import { alphaByDistance, seededRandom, textDistance } from '@/domain/agreement'
import { agreementOf, type JudgedCandidate } from '@/domain/review'
import { type Agreement, agreementAmong, fewestToTell } from '@/domain/verdict-agreement'
import { safeCell } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { describeAnswered } from './describe-answered'
import { findQueue } from './find-queue'
import { findCodeReader } from './find-specification'

/** The latest answers of a queue that its figures are made of: enough to tell, few enough to compute at once. A choice. */
const agreementWindow = 6_000
/** Each text is held against each other. */
const mostTextItems = 40
const mostLetters = 300
const mostDisagreements = 20

/** Figures that took long are told again for a multiple of that. */
const longMs = 50
const keptTimes = 20
interface Figures extends Agreement {
  text: AgreementView['text']
  answers: number
  simulated: number
  /** Of all items that differ, those that differ most first. */
  worst: { entryId: string; week: string }[]
}
interface FiguresCache {
  get(key: string): { figures: Figures; untilMs: number } | undefined
  set(key: string, kept: { figures: Figures; untilMs: number }): unknown
  delete(key: string): unknown
}
const shared = globalThis as typeof globalThis & { amendAgreement?: FiguresCache }

const answersSql = `
  WITH latest AS (
    SELECT entry_id, event_id, actor_id, verdicts, text_count, content_id, specification_version, simulated, submitted_at FROM answers
    WHERE project_id = $1 AND queue_id = $2 AND kind = 'review' AND ($3 OR NOT simulated)
    ORDER BY submitted_at DESC LIMIT ${agreementWindow})
  SELECT entry_id AS "entryId", to_char(date_trunc('week', max(submitted_at) AT TIME ZONE $4), 'YYYY-MM-DD') AS week,
    max(submitted_at) AS latest, count(*) FILTER (WHERE simulated)::int AS simulated, count(*)::int AS total,
    json_agg(json_build_object('actorId', actor_id, 'verdicts', verdicts, 'contentId', content_id, 'textCount', text_count,
      'specificationVersion', specification_version)
      ORDER BY event_id) AS answers
  FROM latest GROUP BY entry_id ORDER BY max(submitted_at) DESC, entry_id`

interface EntryRow {
  entryId: string
  week: string
  total: number
  simulated: number
  answers: {
    actorId: string
    verdicts: JudgedCandidate[]
    contentId: string | null
    textCount: number
    specificationVersion: number
  }[]
}

/** How far the people of a queue agree, and where they don't: ever, or in one week. @throws AmendError not_found */
export async function readAgreement(
  scope: ProjectScope,
  queueId: string,
  { week }: AgreementQuery = {},
): Promise<AgreementView> {
  const queue = await findQueue(scope, queueId)
  const { worst, answers, ...figures } = await computeOnce(scope, queue.id)
  const [disagreements, names, { rows }] = await Promise.all([
    describeAnswered(
      scope,
      worst
        .filter(one => week === undefined || one.week === week)
        .slice(0, mostDisagreements)
        .map(one => one.entryId),
    ),
    namesOf(
      scope.projectId,
      figures.pairs.flatMap(pair => pair.people),
    ),
    getDb().$client.query(`SELECT to_json(amend.now())#>>'{}' AS now`),
  ])
  return {
    ...figures,
    window: agreementWindow,
    cut: answers >= agreementWindow,
    fewest: fewestToTell,
    pairs: figures.pairs.map(pair => ({
      ...pair,
      people: [names.get(pair.people[0]) ?? '', names.get(pair.people[1]) ?? ''],
    })),
    disagreements,
    computedAt: rows[0].now,
  }
}

async function computeOnce(scope: ProjectScope, queueId: string): Promise<Figures> {
  shared.amendAgreement ??= new Map()
  const cache = shared.amendAgreement
  const kept = cache.get(queueId)
  if (kept && kept.untilMs > performance.now()) return kept.figures
  const begun = performance.now()
  const figures = await compute(scope, queueId)
  const tookMs = performance.now() - begun
  if (tookMs > longMs && figures.answers >= agreementWindow)
    cache.set(queueId, { figures, untilMs: performance.now() + keptTimes * tookMs })
  else cache.delete(queueId)
  return figures
}

async function compute(scope: ProjectScope, queueId: string): Promise<Figures> {
  const [{ rows }, read] = await Promise.all([
    getDb().$client.query<EntryRow>(answersSql, [
      scope.projectId,
      queueId,
      scope.project.demo,
      scope.project.timeZone,
    ]),
    findCodeReader(scope.projectId),
  ])
  // What is now one reason, or none, counts as that.
  for (const answer of rows.flatMap(row => row.answers))
    answer.verdicts = answer.verdicts.map(verdict => ({
      ...verdict,
      reasons: [...new Set(verdict.reasons.flatMap(code => read(code, answer.specificationVersion) ?? []))],
    }))
  const several = rows.filter(row => row.answers.length > 1)
  // The same seed each time: figures change with the answers, and with nothing else.
  const random = seededRandom(Number.parseInt(queueId.slice(-8), 16))
  const worst = several
    .map(({ entryId, week, answers }) => ({ entryId, week, agreement: agreementOf(answers) }))
    .filter(one => one.agreement !== null && one.agreement < 1)
    .sort((a, b) => (a.agreement ?? 0) - (b.agreement ?? 0))
  return {
    ...agreementAmong(several, random),
    text: await textAgreement(scope, several),
    answers: rows.reduce((sum, row) => sum + row.total, 0),
    simulated: rows.reduce((sum, row) => sum + row.simulated, 0),
    worst: worst.map(({ entryId, week }) => ({ entryId, week })),
  }
}

/** Of the latest items that two people or more wrote something for: the first text of each. */
async function textAgreement(
  scope: ProjectScope,
  entries: readonly EntryRow[],
): Promise<AgreementView['text']> {
  const written = entries
    .map(({ answers }) => answers.filter(answer => answer.textCount > 0).map(answer => answer.contentId))
    .filter(ids => ids.length > 1)
    .slice(0, mostTextItems)
  if (written.length === 0) return { value: null, items: 0 }
  const task = await loadTaskType(scope.project.taskType)
  const { rows } = await getDb().$client.query<{ id: string; text: unknown }>(
    `SELECT id, body->'texts'->0 AS text FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[]) AND body IS NOT NULL`,
    [scope.projectId, written.flat()],
  )
  const texts = new Map(rows.map(row => [row.id, task.textOf(row.text as never).slice(0, mostLetters)]))
  const units = written
    .map(ids => ids.flatMap(id => texts.get(id ?? '') ?? []))
    .filter(unit => unit.length > 1)
  return { value: alphaByDistance(units, textDistance), items: units.length }
}

async function namesOf(projectId: string, actorIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await getDb().$client.query<{ id: string; pseudonym: string }>(
    'SELECT id, pseudonym FROM actors WHERE project_id = $1 AND id = ANY($2::uuid[])',
    [projectId, [...new Set(actorIds)]],
  )
  return new Map(rows.map(row => [row.id, row.pseudonym]))
}

/** Every coefficient as a table: one a line, empty where it has no value. */
export async function agreementTable(
  scope: ProjectScope,
  queueId: string,
): Promise<{ fileName: string; body: string }> {
  const found = await readAgreement(scope, queueId)
  const lines: (string | number | null)[][] = [
    ['scope', 'of', 'coefficient', 'value', 'low_95', 'high_95', 'n', 'n_of'],
  ]
  type Of = AgreementView['raw']
  const add = (
    scopeName: string,
    of: string,
    coefficient: string,
    { value, interval }: Of,
    n: number,
    nOf: string,
  ) => lines.push([scopeName, of, coefficient, value, interval?.low ?? null, interval?.high ?? null, n, nOf])
  const bare = (value: number | null): Of => ({ value, interval: null })
  add('queue', '', 'raw agreement', found.raw, found.items, 'items')
  add('queue', '', 'krippendorff alpha nominal', found.nominal, found.items, 'items')
  add('queue', '', 'krippendorff alpha ordinal', found.ordinal, found.items, 'items')
  if (found.fleiss)
    add(
      'queue',
      `${found.fleiss.people} people`,
      'fleiss kappa',
      bare(found.fleiss.value),
      found.fleiss.judged,
      'suggestions',
    )
  add('queue', '', 'krippendorff alpha text', bare(found.text.value), found.text.items, 'items')
  for (const { verdict, alpha } of found.labels)
    add('verdict', verdict, 'krippendorff alpha nominal', alpha, found.items, 'items')
  for (const { people, judged, raw, kappa, weightedKappa } of found.pairs) {
    const of = people.join(' and ')
    add('pair', of, 'raw agreement', bare(raw), judged, 'suggestions')
    add('pair', of, 'cohen kappa', kappa, judged, 'suggestions')
    add('pair', of, 'cohen kappa linear', weightedKappa, judged, 'suggestions')
  }
  for (const { week, items, nominal } of found.weeks)
    add('week', week, 'krippendorff alpha nominal', nominal, items, 'items')
  for (const { code, given } of found.reasons)
    lines.push(['reason', code, 'given', given, null, null, found.items, 'items'])
  return {
    fileName: `agreement-${queueId.slice(-12)}.csv`,
    body: `${lines.map(line => line.map(cellOf).join(',')).join('\r\n')}\r\n`,
  }
}

const cellOf = (cell: string | number | null): string =>
  typeof cell === 'string' && cell !== '' ? safeCell(cell) : String(cell ?? '')
