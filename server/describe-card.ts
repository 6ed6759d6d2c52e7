import 'server-only'
import { getDb } from '@/db/client'
import { type DatasetRules, rulesSchema, type Selection, selectionSchema } from '@/domain/dataset'
import { cardMarkdown, type DatasetCard } from '@/domain/dataset-card'
import { type Split, splits } from '@/domain/dataset-split'
import { type DatasetTarget, leftOutReasons } from '@/domain/dataset-words'
import { enough } from '@/domain/interval'
import { ruleSentences, selectionSentences, splitSentence, truthSentences } from '@/domain/selection-words'
import type { ProjectScope } from './access'
import { type FoundVersion, findFrozen, type StoredDataset } from './find-dataset'
import { readCardProse } from './read-card-prose'

/** What the rows of a frozen version say together: it never changes, also not by an erasure. */
type RowFigures = Pick<
  DatasetCard,
  | 'splits'
  | 'sources'
  | 'agreement'
  | 'annotators'
  | 'mostOfOne'
  | 'from'
  | 'to'
  | 'slices'
  | 'consents'
  | 'licences'
  | 'specifications'
  | 'modelsSeen'
> & { redacted: Omit<DatasetCard['personalData'], 'foundRows'> }

const figuresTimeoutMs = 20_000
const mostKept = 200
/** By project and version. Frozen rows never change, so that what was counted once holds. */
const kept = new Map<string, Promise<RowFigures>>()

/**
 * The card of a frozen version: facts from its rows, counts and checks, with what people wrote beside them.
 *
 * @throws AmendError not_found, conflict (not frozen)
 */
export async function describeCard(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<DatasetCard> {
  const { dataset, version } = await findFrozen(scope, slugOrId, wanted)
  const [figures, checks, prose, names, erasedRows] = await Promise.all([
    readFigures(scope.projectId, version.id),
    readChecks(scope.projectId, version.id),
    readCardProse(scope.projectId, dataset.id, version.id),
    readNames(scope.projectId, version),
    version.tombstonedAt || version.overtakenReason === 'erased'
      ? countErased(scope.projectId, version.id)
      : 0,
  ])
  const { target, selection, rules, asOf } = definitionOf(dataset, version)
  const { redacted, ...ofRows } = figures
  const erasedAt = version.tombstonedAt ?? (erasedRows > 0 ? version.overtakenAt : null)
  const card: Omit<DatasetCard, 'limits'> = {
    project: scope.project.slug,
    projectName: scope.project.name,
    taskType: scope.project.taskType,
    dataset: dataset.slug,
    name: dataset.name,
    description: dataset.description,
    version: version.number,
    target,
    truth: truthSentences[target],
    contentSha256: version.contentSha256,
    rowsHash: version.rowsHash,
    contentBytes: version.contentBytes,
    readAt: asOf,
    frozenAt: version.frozenAt,
    frozenBy: version.createdBy,
    parentVersion: version.parentNumber,
    overtaken: version.overtakenReason,
    tombstoned: erasedAt ? { at: erasedAt, erasedRows, successorVersion: version.successorNumber } : null,
    rows: version.rows,
    groups: version.groups,
    clusters: version.clusters,
    selection: selectionSentences(target, selection, id => names.get(id) ?? 'one that is gone'),
    rules: ruleSentences(rules),
    parted: splitSentence(rules),
    cuts: version.cuts,
    ...ofRows,
    corrected:
      target === 'decision' || target === 'preference'
        ? { rows: (version.states.corrected ?? 0) + (version.states.written ?? 0), of: version.rows }
        : null,
    weakSpots: weakSpotsOf(ofRows.slices, version.rows),
    languages: languagesOf(ofRows.slices),
    leftOut: Object.fromEntries(
      leftOutReasons.flatMap(reason =>
        (version.leftOut[reason] ?? 0) > 0 ? [[reason, version.leftOut[reason] ?? 0]] : [],
      ),
    ),
    licence: dataset.licence,
    personalData: {
      ...redacted,
      foundRows:
        checks.find(one => one.name === 'personal-data' && one.outcome !== 'not-applicable')?.value ?? null,
    },
    checks,
    consumers: dataset.consumers,
    prose,
  }
  return { ...card, limits: limitsOf(card) }
}

/** Target, selection and rules as they stood at the freeze; what was stored before a rule existed gets its default. */
function definitionOf(
  dataset: StoredDataset,
  version: FoundVersion,
): { target: DatasetTarget; selection: Selection; rules: DatasetRules; asOf: string | null } {
  const {
    target = dataset.target,
    selection = {},
    rules = {},
    asOf,
  } = version.definition as {
    target?: DatasetTarget
    selection?: unknown
    rules?: unknown
    asOf?: { at?: string }
  }
  return {
    target,
    selection: selectionSchema.parse(selection),
    rules: rulesSchema.parse(rules),
    asOf: asOf?.at ?? null,
  }
}

function readFigures(projectId: string, versionId: string): Promise<RowFigures> {
  const key = `${projectId} ${versionId}`
  const known = kept.get(key)
  if (known) return known
  const counting = countFigures(projectId, versionId)
  kept.set(key, counting)
  counting.catch(() => kept.delete(key))
  const oldest = kept.size > mostKept ? kept.keys().next().value : undefined
  if (oldest) kept.delete(oldest)
  return counting
}

/** Selected by chance and judged uninfluenced, or written while suggestions were held back. */
const unbiased = `NOT influenced AND (strategy = 'random' AND probability IS NOT NULL OR strategy = 'feedback' AND blind)`

/**
 * All figures in one statement: the rows are read once. The interval of the agreement is over groups, since rows of one
 * group are not independent: the linearised variance of a ratio of sums.
 */
const figuresSql = `
  WITH r AS MATERIALIZED (
    SELECT group_key, split, coalesce(facts->>'state', facts->>'source', 'unknown') AS label, facts->>'strategy' AS strategy,
      (facts->>'inclusionProbability')::float8 AS probability, (facts->>'modelInfluenced')::boolean AS influenced,
      (facts->>'blind')::boolean AS blind, (facts->>'agreement')::float8 AS agreement, facts->'annotators' AS annotators,
      facts->>'decidedAt' AS at, facts->>'splitReason' AS why, (facts->>'consentVersion')::int AS consent,
      facts->>'licence' AS licence, (facts->>'specificationVersion')::int AS specification, facts->>'model' AS model,
      facts->>'modelVersion' AS model_version, facts->'slices' AS slices, nullif(facts->'redacted', 'null') AS redacted
    FROM dataset_rows WHERE project_id = $1 AND version_id = $2),
  g AS (SELECT sum(agreement) AS s, count(*)::float8 AS n FROM r WHERE agreement IS NOT NULL GROUP BY group_key),
  m AS (SELECT sum(s) / sum(n) AS mean, sum(n) AS n, count(*)::float8 AS groups FROM g),
  people AS (SELECT a, count(*)::int AS n FROM r, jsonb_array_elements_text(r.annotators) a GROUP BY 1),
  sliced AS (SELECT s.key AS slice, s.value #>> '{}' AS name, count(*)::int AS rows,
      count(*) FILTER (WHERE split = 'test')::int AS test, bool_or(jsonb_typeof(s.value) = 'number') AS measured
    FROM r, jsonb_each(CASE WHEN jsonb_typeof(r.slices) = 'object' THEN r.slices ELSE '{}' END) s
    WHERE s.value <> 'null' GROUP BY 1, 2)
  SELECT
    (SELECT json_agg(x) FROM (SELECT split, count(*)::int AS rows, (count(*) FILTER (WHERE influenced))::int AS influenced,
        (count(*) FILTER (WHERE blind))::int AS blind, (count(*) FILTER (WHERE ${unbiased}))::int AS unbiased
      FROM r GROUP BY 1) x) AS splits,
    (SELECT json_agg(x) FROM (SELECT split, why, count(*)::int AS rows FROM r WHERE why IS NOT NULL
      GROUP BY 1, 2 ORDER BY 3 DESC, 2) x) AS reasons,
    (SELECT json_agg(x) FROM (SELECT label, strategy, count(*)::int AS rows,
        (count(*) FILTER (WHERE probability IS NULL))::int AS "unknownProbability",
        min(probability) AS "probabilityFrom", max(probability) AS "probabilityTo"
      FROM r GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2) x) AS sources,
    (SELECT json_build_object('value', mean, 'n', n, 'groups', groups, 'spread',
        CASE WHEN groups > 1 THEN (SELECT sqrt(m.groups / (m.groups - 1) * sum((s - g.n * m.mean) ^ 2)) / m.n FROM g) END)
      FROM m WHERE n > 0) AS agreement,
    (SELECT count(*)::int FROM people) AS annotators, coalesce((SELECT max(n) FROM people), 0) AS "mostOfOne",
    (SELECT min(at) FROM r) AS "from", (SELECT max(at) FROM r) AS "to",
    (SELECT json_agg(x) FROM (SELECT slice, name, rows, test, measured FROM sliced ORDER BY slice, rows DESC, name) x) AS slices,
    (SELECT json_agg(x) FROM (SELECT consent AS version, count(*)::int AS rows FROM r GROUP BY 1 ORDER BY 1 NULLS LAST) x) AS consents,
    (SELECT json_agg(x) FROM (SELECT licence AS name, count(*)::int AS rows FROM r GROUP BY 1 ORDER BY 2 DESC, 1 NULLS LAST) x) AS licences,
    (SELECT json_agg(x) FROM (SELECT specification AS version, count(*)::int AS rows FROM r GROUP BY 1 ORDER BY 1 NULLS LAST) x) AS specifications,
    (SELECT json_agg(x) FROM (SELECT model, model_version AS version, count(*)::int AS rows FROM r
      WHERE influenced AND model IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2) x) AS "modelsSeen",
    (SELECT count(*)::int FROM r WHERE redacted IS NOT NULL) AS redacted,
    (SELECT json_agg(x) FROM (SELECT k AS name, count(*)::int AS rows FROM r, jsonb_array_elements_text(r.redacted->'kinds') k
      WHERE redacted IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1) x) AS kinds,
    (SELECT json_agg(DISTINCT redacted->>'detector') FROM r WHERE redacted IS NOT NULL) AS detectors`

async function countFigures(projectId: string, versionId: string): Promise<RowFigures> {
  const client = await getDb().$client.connect()
  try {
    await client.query('BEGIN READ ONLY')
    await client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(figuresTimeoutMs)])
    const { rows } = await client.query(figuresSql, [projectId, versionId])
    await client.query('COMMIT')
    return toFigures(rows[0])
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

interface SlicedRow {
  slice: string
  name: string
  rows: number
  test: number
  measured: boolean
}

/** A slice of more values than this names single items, and tells a reader nothing; neither do numbers one by one. */
const mostSliceValues = 24

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toFigures(row: any): RowFigures {
  const ofSplit = (split: Split) => row.splits?.find((one: { split: Split }) => one.split === split)
  const { value, n, spread } = row.agreement ?? {}
  const sliced: SlicedRow[] = row.slices ?? []
  const tells = row.agreement && n >= enough && spread !== null
  return {
    splits: splits.map(split => ({
      rows: 0,
      influenced: 0,
      blind: 0,
      unbiased: 0,
      ...ofSplit(split),
      split,
      reasons: Object.fromEntries(
        (row.reasons ?? [])
          .filter((one: { split: Split }) => one.split === split)
          .map((one: { why: string; rows: number }) => [one.why, one.rows]),
      ),
    })),
    sources: row.sources ?? [],
    agreement: row.agreement
      ? {
          value,
          n,
          low: tells ? Math.max(0, value - z95 * spread) : null,
          high: tells ? Math.min(1, value + z95 * spread) : null,
        }
      : null,
    annotators: row.annotators,
    mostOfOne: row.mostOfOne,
    from: row.from,
    to: row.to,
    slices: [...new Set(sliced.map(one => one.slice))]
      .map(slice => ({
        slice,
        values: sliced
          .filter(one => one.slice === slice && !one.measured)
          .map(({ name, rows, test }) => ({ name, rows, test })),
      }))
      .filter(({ values }) => values.length > 0 && values.length <= mostSliceValues),
    consents: row.consents ?? [],
    licences: row.licences ?? [],
    specifications: row.specifications ?? [],
    modelsSeen: row.modelsSeen ?? [],
    redacted: { redactedRows: row.redacted, kinds: row.kinds ?? [], detectors: row.detectors ?? [] },
  }
}

const z95 = 1.959963984540054
const mostWeakSpots = 6

function weakSpotsOf(slices: DatasetCard['slices'], rows: number): DatasetCard['weakSpots'] {
  return slices
    .flatMap(({ slice, values }) =>
      values
        .filter(one => values.length > 1 && one.rows < rows / values.length / 2)
        .map(one => ({ slice, ...one })),
    )
    .sort((a, b) => a.rows - b.rows || (a.slice + a.name < b.slice + b.name ? -1 : 1))
    .slice(0, mostWeakSpots)
}

const languagesOf = (slices: DatasetCard['slices']): DatasetCard['languages'] =>
  slices
    .filter(({ slice }) => slice === 'lang' || slice === 'language')
    .flatMap(({ values }) => values.map(({ name, rows }) => ({ name, rows })))

async function readChecks(projectId: string, versionId: string): Promise<DatasetCard['checks']> {
  const { rows } = await getDb().$client.query(
    `SELECT k.name, k.level, k.outcome, k.value, k.of, k.limit, k.findings,
       (SELECT u.name FROM users u WHERE u.id = k.waived_by) AS "waivedBy",
       to_json(k.waived_at)#>>'{}' AS "waivedAt",
       CASE WHEN jsonb_typeof(c.body) = 'string' THEN c.body#>>'{}' ELSE coalesce(c.body->>'reason', c.body->>'text') END AS waiver
     FROM dataset_checks k LEFT JOIN contents c ON c.project_id = k.project_id AND c.id = k.waiver_content_id
     WHERE k.project_id = $1 AND k.version_id = $2 ORDER BY k.name`,
    [projectId, versionId],
  )
  return rows
}

/** Names of the model version and the queue that a selection speaks of. */
async function readNames(
  projectId: string,
  { definition }: Pick<FoundVersion, 'definition'>,
): Promise<Map<string, string>> {
  const { version = null, queue = null } = (definition.selection ?? {}) as {
    version?: string
    queue?: string
  }
  if (!version && !queue) return new Map()
  const { rows } = await getDb().$client.query<{ id: string; name: string }>(
    `SELECT v.id, m.name || ' ' || v.version AS name FROM model_versions v
     JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.id = $2::uuid
     UNION ALL SELECT q.id, q.name FROM queues q WHERE q.project_id = $1 AND q.id = $3::uuid`,
    [projectId, version, queue],
  )
  return new Map(rows.map(row => [row.id, row.name]))
}

/** Rows of which a part can't be read any more. */
async function countErased(projectId: string, versionId: string): Promise<number> {
  const { rows } = await getDb().$client.query<{ n: number }>(
    `WITH parts AS (
       SELECT r.number, r.item_content_id AS id FROM dataset_rows r WHERE r.project_id = $1 AND r.version_id = $2
       UNION SELECT r.number, (r.facts->>'suggestionContentId')::uuid FROM dataset_rows r
         WHERE r.project_id = $1 AND r.version_id = $2
       UNION SELECT r.number, (x->>'contentId')::uuid FROM dataset_rows r,
         jsonb_array_elements(r.values || r.rejected) x WHERE r.project_id = $1 AND r.version_id = $2)
     SELECT count(DISTINCT p.number)::int AS n FROM parts p
     JOIN contents c ON c.project_id = $1 AND c.id = p.id WHERE c.body IS NULL`,
    [projectId, versionId],
  )
  return rows[0]?.n ?? 0
}

const said = (n: number) => n.toLocaleString('en-US')

/** What follows from the facts for whoever uses it. */
function limitsOf(card: Omit<DatasetCard, 'limits'>): string[] {
  const test = card.splits.find(one => one.split === 'test')
  const influenced = card.splits.reduce((sum, one) => sum + one.influenced, 0)
  const unknown = card.sources.reduce((sum, one) => sum + one.unknownProbability, 0)
  return [
    ...(!test || test.rows === 0
      ? ['There are no test rows: nothing can be measured with this version.']
      : test.unbiased < test.rows
        ? [
            `${said(test.rows - test.unbiased)} of ${said(test.rows)} test rows were not selected by chance and judged blind, so a rate measured on them is a trend and no accuracy.`,
          ]
        : []),
    ...(test && test.rows > 0 && test.rows < enough
      ? [`${said(test.rows)} test rows are too few to tell small differences.`]
      : []),
    ...(influenced > 0
      ? [
          `${said(influenced)} of ${said(card.rows)} rows were decided by somebody who could see a suggestion first; people fix only what they notice.`,
        ]
      : []),
    ...(unknown > 0
      ? [
          `Of ${said(unknown)} of ${said(card.rows)} rows nobody knows how likely they were selected, so they can't be weighted to stand for everything.`,
        ]
      : []),
    ...(card.clusters === null ? ['Near-duplicates were not looked for.'] : []),
    ...(card.checks.length === 0 ? ['It was frozen without checks.'] : []),
    ...(card.annotators === 1 ? ['One person alone decided everything in it.'] : []),
    ...(card.tombstoned
      ? [
          `${card.tombstoned.erasedRows === 1 ? '1 row was' : `${said(card.tombstoned.erasedRows)} rows were`} erased since and can't be read.`,
        ]
      : []),
  ]
}

/** A card as the file that people read. */
export const markdownOf = (card: DatasetCard): string => cardMarkdown(card)
