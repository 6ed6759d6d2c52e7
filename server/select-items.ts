import 'server-only'
import type { Database, Transaction } from '@/db/client'
import { type HeldList, holdList } from '@/db/held-list'
import type { QueueOrdering } from '@/domain/review'
import {
  drawThreshold,
  inclusionProbability,
  type SelectionRule,
  type SingleRule,
  type SingleStrategy,
  type Slice,
} from '@/domain/selection'

/** What filling a queue by one rule needs to know of it. */
export interface Selection {
  projectId: string
  /** Null for a look ahead at a queue that is not made yet. */
  queueId: string | null
  rule: SingleRule
  seed: string
  overlap: number
  /** Only what came since, as text; null for everything. */
  since: string | null
  /** Which part of a mix. */
  part?: number | null
  /** Items that earlier parts take, where nothing is stored. */
  without?: readonly string[]
  /** The slice that people correct most now, where the rule names none. */
  weakSlice?: Slice | null
  /** What a search for items that lie far apart found, with their distance, in the order of choice. */
  farApart?: readonly { itemId: string; distance: number }[]
}

/** Collects the values of a statement: nothing of a rule is ever part of its text. */
class Values {
  readonly list: unknown[] = []
  add(value: unknown, type: string): string {
    this.list.push(value)
    return `$${this.list.length}::${type}`
  }
}

/**
 * The lowest id of what came since. Ids are made by the clocks of several servers and stored a moment later: the look back
 * reaches over both. Worked out here, so that the planner knows how little lies above it and goes by the index.
 */
function sinceId(since: string): string {
  const hex = (Date.parse(since) - 3 * 3_600_000).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

/** A prediction that may be shown to annotators: nobody's own memory had a part in it; of the live version if there is one. */
const predictionSql = (versionId: string | null) => `
  SELECT p.id, p.model_version_id, p.top_confidence, p.content_id FROM predictions p
  WHERE p.project_id = i.project_id AND p.item_id = i.id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
    ${versionId ? `AND p.model_version_id = ${versionId}` : ''}
  ORDER BY p.model_version_id IS NOT DISTINCT FROM (SELECT id FROM model_versions WHERE project_id = i.project_id AND stage = 'live') DESC, p.id DESC
  LIMIT 1`
export const sharedPredictionSql = predictionSql(null)

/** Invented ones only in a demo. */
const notInvented = (table: string) => `(NOT ${table}.simulated OR (SELECT demo FROM projects WHERE id = $1))`

/** Items that may be shown to annotators and whose truth nobody has set: shared, not erased, and what the rule's filters leave. */
function eligibleSql({ rule, without }: Selection, values: Values, versionId: string | null): string {
  const { filters = {} } = rule
  const all = [
    'i.project_id = $1 AND i.erased_at IS NULL AND i.owner_actor_id IS NULL',
    notInvented('i'),
    'NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = i.project_id AND g.item_id = i.id AND g.retired_at IS NULL)',
  ]
  if (without?.length) all.push(`i.id <> ALL(${values.add(without, 'uuid[]')})`)
  if (filters.receivedFrom) all.push(`i.created_at >= ${values.add(filters.receivedFrom, 'timestamptz')}`)
  if (filters.receivedTo) all.push(`i.created_at < ${values.add(filters.receivedTo, 'timestamptz')}`)
  if (filters.groupId) all.push(`i.group_id = ${values.add(filters.groupId, 'text')}`)
  if (filters.sample !== undefined) all.push(`i.sample = ${values.add(filters.sample, 'boolean')}`)
  if (filters.text)
    all.push(`i.content_id IN (SELECT c.id FROM contents c WHERE c.project_id = $1 AND c.kind = 'item' AND c.search IS NOT NULL
      AND c.search @@ websearch_to_tsquery('simple', ${values.add(filters.text, 'text')}))`)
  if (filters.slice) all.push(inSlice(filters.slice, values))
  if (versionId)
    all.push(`EXISTS (SELECT FROM predictions p WHERE p.project_id = i.project_id AND p.item_id = i.id
      AND p.model_version_id = ${versionId} AND p.actor_id IS NULL AND p.memory_snapshot IS NULL)`)
  return all.join(' AND ')
}

const inSlice = ({ name, value }: Slice, values: Values) =>
  `EXISTS (SELECT FROM exposures x WHERE x.project_id = i.project_id AND x.item_id = i.id
    AND x.slice_attributes->>${values.add(name, 'text')} = ${values.add(value, 'text')})`

/** What two texts are compared by: the words of a value, or all of it where it has no text. */
const comparableSql = (value: string) => `lower(btrim(coalesce(${value}->>'text', ${value}::text)))`

interface Parts {
  rule: SingleRule
  values: Values
  eligible: string
  /** The instant after which something must have come; null for everything. */
  since: string | null
  prediction: string
  selection: Selection
}

const sinceIdSql = ({ selection: { since }, values }: Parts) => values.add(sinceId(since ?? ''), 'uuid')
const newItems = (parts: Parts) => (parts.selection.since ? `AND i.id >= ${sinceIdSql(parts)}` : '')
const newPredictions = (parts: Parts) =>
  parts.selection.since
    ? `AND i.id IN (SELECT item_id FROM predictions WHERE project_id = $1 AND id >= ${sinceIdSql(parts)})`
    : ''

/** One row an item that a decision is the reason for, with the latest such decision. */
const byDecision = (parts: Parts, wanted: string, recent: string) => `
  SELECT i.id AS item_id, d.exposure_id, d.confidence AS score, 1 - coalesce(d.confidence, 0) AS key, d.exposure_id IS NOT NULL AS chosen
  FROM items i
  LEFT JOIN (
    SELECT DISTINCT ON (d.item_id) d.item_id, d.exposure_id, d.confidence FROM decisions d
    WHERE d.project_id = $1 AND ${wanted} AND ${notInvented('d')} ${parts.since ? `AND ${recent}` : ''}
    ORDER BY d.item_id, d.exposed_at DESC, d.exposure_id) d ON d.item_id = i.id
  WHERE ${parts.eligible} ${parts.since ? 'AND d.item_id IS NOT NULL' : ''}`

/** Rows `item_id, exposure_id, score, key, chosen`; `key` is what the rule ranks by, lowest first. */
const poolSql: {
  [S in SingleStrategy]: (parts: Parts, rule: Extract<SingleRule, { strategy: S }>) => string
} = {
  random: (parts, rule) => `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, NULL::float8 AS score, d.draw::float8 AS key,
      d.draw < ${parts.values.add(drawThreshold(rule.rate), 'bigint')} AS chosen
    FROM items i CROSS JOIN LATERAL (
      SELECT ('x' || substr(encode(sha256(convert_to(${parts.values.add(parts.selection.seed, 'text')} || ':' || i.id::text, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint AS draw) d
    WHERE ${parts.eligible} ${newItems(parts)}`,

  corrected: parts =>
    byDecision(
      parts,
      "d.state IN ('corrected', 'written')",
      `d.decided_at >= ${parts.since} - interval '10 minutes'`,
    ),

  flagged: parts =>
    byDecision(
      parts,
      "(d.flagged OR d.state = 'rejected')",
      `d.exposed_at >= ${parts.since} - interval '1 day'`,
    ),

  'low-confidence': (parts, rule) => `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, p.top_confidence AS score, p.top_confidence AS key,
      coalesce(p.top_confidence < ${parts.values.add(rule.below, 'float8')}, false) AS chosen
    FROM items i CROSS JOIN LATERAL (${parts.prediction}) p
    WHERE ${parts.eligible} ${newPredictions(parts)}`,

  uncertainty: (parts, rule) => `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, u.score, -u.score AS key,
      coalesce(u.score >= ${parts.values.add(rule.above, 'float8')}, false) AS chosen
    FROM items i CROSS JOIN LATERAL (${parts.prediction}) p
    JOIN contents pc ON pc.project_id = i.project_id AND pc.id = p.content_id
    CROSS JOIN LATERAL (
      SELECT CASE ${parts.values.add(rule.measure, 'text')}
          WHEN 'least-confidence' THEN 1 - max(k)
          WHEN 'margin' THEN 1 - (max(k) - coalesce((array_agg(k ORDER BY k DESC))[2], 0))
          ELSE CASE WHEN count(k) = 0 THEN NULL WHEN count(k) = 1 OR sum(k) <= 0 THEN 0
            ELSE (ln(sum(k)) - coalesce(sum(k * ln(k)) FILTER (WHERE k > 0), 0) / sum(k)) / ln(count(k)) END END AS score
      FROM (SELECT (c->>'confidence')::float8 AS k FROM jsonb_array_elements(pc.body) c) ks) u
    WHERE ${parts.eligible} ${newPredictions(parts)}`,

  disagreement: (parts, rule) =>
    rule.between === 'versions'
      ? `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, v.score, -v.score AS key, coalesce(v.score > 0, false) AS chosen
    FROM items i CROSS JOIN LATERAL (
      SELECT CASE WHEN sum(n) > 1 THEN 1 - max(n)::float8 / sum(n) END AS score FROM (
        SELECT said, count(*) AS n FROM (
          SELECT DISTINCT ON (p.model_version_id) ${comparableSql("(pc.body->0->'value')")} AS said
          FROM predictions p JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
          WHERE p.project_id = i.project_id AND p.item_id = i.id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
            AND pc.body->0 IS NOT NULL
          ORDER BY p.model_version_id, p.id DESC) latest GROUP BY said) counted) v
    WHERE ${parts.eligible} ${newPredictions(parts)}`
      : `
    SELECT i.id AS item_id, d.exposure_id, p.top_confidence AS score, -coalesce(p.top_confidence, 0) AS key,
      coalesce(${comparableSql('w.body')} <> ${comparableSql("(pc.body->0->'value')")}, false) AS chosen
    FROM items i CROSS JOIN LATERAL (${parts.prediction}) p
    JOIN contents pc ON pc.project_id = i.project_id AND pc.id = p.content_id AND pc.body->0 IS NOT NULL
    LEFT JOIN LATERAL (
      SELECT d.exposure_id, d.after_content_id FROM decisions d
      WHERE d.project_id = i.project_id AND d.item_id = i.id AND d.state IN ('corrected', 'written') AND ${notInvented('d')}
      ORDER BY d.decided_at DESC, d.exposure_id LIMIT 1) d ON true
    LEFT JOIN contents w ON w.project_id = i.project_id AND w.id = d.after_content_id
    WHERE ${parts.eligible} ${
      parts.since
        ? `AND i.id IN (SELECT item_id FROM predictions WHERE project_id = $1 AND id >= ${sinceIdSql(parts)}
            UNION SELECT item_id FROM decisions WHERE project_id = $1 AND state IN ('corrected', 'written')
              AND decided_at >= ${parts.since} - interval '10 minutes')`
        : ''
    }`,

  guardrail: parts => `
    SELECT i.id AS item_id, x.exposure_id, NULL::float8 AS score, -coalesce(extract(epoch FROM x.created_at), 0)::float8 AS key,
      x.exposure_id IS NOT NULL AS chosen
    FROM items i
    LEFT JOIN (
      SELECT DISTINCT ON (x.item_id) x.item_id, x.id AS exposure_id, x.created_at FROM exposures x
      WHERE x.project_id = $1 AND x.suppressed_reason IS NOT NULL AND NOT x.shown AND ${notInvented('x')}
        AND x.guardrail_result @> '[{"verdict": "suppress"}]'
        ${parts.since ? `AND x.created_at >= ${parts.since} - interval '10 minutes'` : ''}
      ORDER BY x.item_id, x.created_at DESC, x.id) x ON x.item_id = i.id
    WHERE ${parts.eligible} ${parts.since ? 'AND x.item_id IS NOT NULL' : ''}`,

  'weak-slice': (parts, rule) => {
    const slice = rule.slice ?? parts.selection.weakSlice
    return `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, NULL::float8 AS score, -extract(epoch FROM i.created_at)::float8 AS key,
      ${slice ? inSlice(slice, parts.values) : 'false'} AS chosen
    FROM items i
    WHERE ${parts.eligible} ${
      parts.since
        ? `AND i.id IN (SELECT item_id FROM decisions WHERE project_id = $1 AND exposed_at >= ${parts.since} - interval '1 day')`
        : ''
    }`
  },

  diversity: parts => {
    const found = parts.selection.farApart ?? []
    const ids = parts.values.add(
      found.map(one => one.itemId),
      'uuid[]',
    )
    const distances = parts.values.add(
      found.map(one => one.distance),
      'float8[]',
    )
    return `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, f.distance AS score, f.at::float8 AS key, f.at IS NOT NULL AS chosen
    FROM (SELECT * FROM items i WHERE ${parts.eligible} ${newItems(parts)} ORDER BY i.created_at DESC, i.id DESC LIMIT ${mostCompared}) i
    LEFT JOIN unnest(${ids}, ${distances}) WITH ORDINALITY f(item_id, distance, at) ON f.item_id = i.id`
  },

  priority: (parts, rule) => `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, i.priority::float8 AS score, -i.priority::float8 AS key,
      coalesce(i.priority >= ${parts.values.add(rule.atLeast ?? null, 'int')}, i.priority IS NOT NULL) AS chosen
    FROM items i WHERE ${parts.eligible} ${newItems(parts)}`,
}

/** Items whose distances are compared at once: the newest. */
export const mostCompared = 4_000

/** The statement that lists what a rule looks at, and its values so far: `$1` is the project. */
function poolOf(selection: Selection) {
  const { rule } = selection
  const values = new Values()
  values.add(selection.projectId, 'uuid')
  const asked = rule.filters?.modelVersionId
  const versionId = asked ? values.add(asked, 'uuid') : null
  const prediction = predictionSql(versionId)
  let since: string | null = null
  const parts: Parts = {
    rule,
    values,
    eligible: eligibleSql(selection, values, versionId),
    // A value that no part of the statement names is an error to Postgres: it is added where it is first asked for.
    get since() {
      if (selection.since !== null) since ??= values.add(selection.since, 'timestamptz')
      return since
    },
    prediction,
    selection,
  }
  // The table has each strategy's own rule; the compiler can't tell that the key and the rule go together.
  const pool = poolSql[rule.strategy] as (parts: Parts, rule: SingleRule) => string
  return { text: pool(parts, rule), values, prediction }
}

/** Of two that rank the same the one that came later, where the rule goes by priority; else by id, for a stable order. */
const tieSql = (rule: SelectionRule) => (rule.strategy === 'priority' ? 'item_id DESC' : 'item_id')

export interface PoolCount {
  poolSize: number
  selected: number
}

/** How many items the rule looks at, and how many of them it wants, whether they are in the queue already or not. */
export async function countPool(db: Database | Transaction, selection: Selection): Promise<PoolCount> {
  const { text, values } = poolOf(selection)
  const { rows } = await db.$client.query(
    `SELECT count(*) AS pool, count(*) FILTER (WHERE chosen) AS selected FROM (${text}) pool`,
    values.list,
  )
  return { poolSize: rows[0].pool, selected: rows[0].selected }
}

/** How many items the rule looks at that are not in the queue yet: what a filling with a budget draws from. */
export async function countAbsent(tx: Transaction, selection: Selection): Promise<number> {
  const { text, values } = poolOf(selection)
  const { rows } = await tx.$client.query(
    `SELECT count(*) AS pool FROM (${text}) pool WHERE NOT EXISTS (SELECT FROM queue_entries e
       WHERE e.project_id = $1 AND e.queue_id = ${values.add(selection.queueId, 'uuid')} AND e.item_id = pool.item_id AND e.kind = 'review')`,
    values.list,
  )
  return rows[0].pool
}

/** The first few that the rule would select. */
export async function samplePool(
  db: Database,
  selection: Selection,
  limit: number,
): Promise<{ itemId: string; payload: unknown; score: number | null }[]> {
  const { text, values } = poolOf(selection)
  const tie = tieSql(selection.rule)
  const { rows } = await db.$client.query(
    `SELECT pool.item_id AS "itemId", pool.score, c.body AS payload
     FROM (SELECT * FROM (${text}) pool WHERE chosen ORDER BY key, ${tie} LIMIT ${values.add(limit, 'int')}) pool
     JOIN items i ON i.project_id = $1 AND i.id = pool.item_id
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     ORDER BY pool.key, pool.${tie}`,
    values.list,
  )
  return rows
}

/** Which items a look ahead gives to a part of a mix, so that later parts leave them. */
export async function listChosen(db: Database, selection: Selection, limit: number): Promise<string[]> {
  const { text, values } = poolOf(selection)
  const { rows } = await db.$client.query(
    `SELECT item_id FROM (${text}) pool WHERE chosen ORDER BY key, ${tieSql(selection.rule)} LIMIT ${values.add(limit, 'int')}`,
    values.list,
  )
  return rows.map(row => row.item_id)
}

/** In which order items are put in where that takes more than one piece: of what is to be handed out first. */
const pieceOrder = (ordering: QueueOrdering, seed: string) =>
  ordering === 'random'
    ? `md5(${seed} || id_text)`
    : `received ${ordering === 'newest' ? 'DESC' : ''}, ${seed} IS NULL`

interface Wanted {
  rankBase: number
  /** Null for all. */
  limit: number | null
  budget: number | null
  ordering: QueueOrdering
}

/**
 * Rows `item_id, exposure_id, score, rank` of what the rule selects and the queue has not. Ranks count from the rule's
 * first, whatever order they are handed out in.
 */
function selectedSql(
  selection: Selection & { queueId: string },
  { rankBase, limit, budget, ordering }: Wanted,
) {
  const { text, values, prediction } = poolOf(selection)
  const tie = tieSql(selection.rule)
  const absent = `NOT EXISTS (
         SELECT FROM queue_entries e WHERE e.project_id = $1 AND e.queue_id = ${values.add(selection.queueId, 'uuid')} AND e.item_id = pool.item_id AND e.kind = 'review')`
  const base = values.add(rankBase, 'int')
  const most = values.add(limit, 'int')
  const columns = 'item_id, exposure_id, score, rank'
  // With a budget the rule's first go in whatever the order of handing out; without one all go in, in that order.
  const sql =
    budget !== null || ordering === 'ranked'
      ? `SELECT ${columns} FROM (SELECT c.*, ${base} + row_number() OVER (ORDER BY c.key, c.${tie}) AS rank
       FROM (SELECT * FROM (${text}) pool WHERE chosen AND ${absent} ORDER BY key, ${tie} LIMIT ${most}) c) ranked ORDER BY rank`
      : `SELECT ${columns} FROM (
         SELECT pool.*, i.created_at AS received, i.id::text AS id_text, ${base} + row_number() OVER (ORDER BY pool.key, pool.${tie}) AS rank
         FROM (${text}) pool JOIN items i ON i.project_id = $1 AND i.id = pool.item_id WHERE chosen) pool
       WHERE ${absent} ORDER BY ${pieceOrder(ordering, values.add(selection.seed, 'text'))}, item_id LIMIT ${most}`
  return { sql, values, prediction }
}

/** An item that a rule selected. */
export interface SelectedItem {
  item_id: string
  exposure_id: string | null
  score: number | null
  rank: number
}

/** All that the rule selects and the queue has not, selected and sorted once, to be put in piece by piece. */
export function holdSelected(
  selection: Selection & { queueId: string },
  wanted: Pick<Wanted, 'rankBase' | 'ordering'>,
): Promise<HeldList<SelectedItem>> {
  const { sql, values } = selectedSql(selection, { ...wanted, limit: null, budget: null })
  return holdList(sql, values.list)
}

type Inserted = { found: number; added: string[]; unpredicted: number }

/**
 * Puts the next items that the rule selects into the queue. `found` is how many it found; one that somebody else has put
 * in meanwhile is not put in twice. See `placeEntries` for their places.
 */
export async function insertSelected(
  tx: Transaction,
  selection: Selection & { queueId: string },
  wanted: Wanted & { poolSize: number },
): Promise<Inserted> {
  const { sql, values, prediction } = selectedSql(selection, wanted)
  return insertEntries(tx, selection, { chunk: sql, values, prediction }, wanted)
}

/** Puts items of a held list in, but those that were erased or made gold meanwhile. */
export async function insertHeld(
  tx: Transaction,
  selection: Selection & { queueId: string },
  items: readonly SelectedItem[],
  poolSize: number,
): Promise<Inserted> {
  const values = new Values()
  values.add(selection.projectId, 'uuid')
  const asked = selection.rule.filters?.modelVersionId
  const prediction = predictionSql(asked ? values.add(asked, 'uuid') : null)
  const list = <T>(of: (item: SelectedItem) => T, type: string) => values.add(items.map(of), type)
  const chunk = `SELECT h.* FROM unnest(${list(item => item.item_id, 'uuid[]')}, ${list(item => item.exposure_id, 'uuid[]')},
       ${list(item => item.score, 'float8[]')}, ${list(item => item.rank, 'int[]')}) h(item_id, exposure_id, score, rank)
     JOIN items i ON i.project_id = $1 AND i.id = h.item_id AND i.erased_at IS NULL
     WHERE NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = $1 AND g.item_id = h.item_id AND g.retired_at IS NULL)`
  return insertEntries(tx, selection, { chunk, values, prediction }, { poolSize, budget: null })
}

async function insertEntries(
  tx: Transaction,
  selection: Selection & { queueId: string },
  { chunk, values, prediction }: { chunk: string; values: Values; prediction: string },
  { poolSize, budget }: { poolSize: number; budget: number | null },
): Promise<Inserted> {
  const { rule, part = null } = selection
  const queue = values.add(selection.queueId, 'uuid')
  const seed = values.add(rule.strategy === 'random' ? selection.seed : null, 'text')
  const { rows } = await tx.$client.query(
    `WITH chunk AS (${chunk}),
     entries AS (
       INSERT INTO queue_entries (project_id, queue_id, item_id, exposure_id, prediction_id, model_version_id, strategy, part,
         pool_size, inclusion_probability, seed, rank, score, overlap, aggregation, agreement_floor)
       SELECT $1, ${queue}, f.item_id, f.exposure_id, coalesce(x.id, p.id), coalesce(x.model_version_id, p.model_version_id),
         ${values.add(rule.strategy, 'text')}, ${values.add(part, 'smallint')}, ${values.add(poolSize, 'int')},
         ${values.add(inclusionProbability(rule, { poolSize, budget }), 'float8')}, ${seed}, f.rank, f.score,
         ${values.add(selection.overlap, 'smallint')}, q.aggregation, q.agreement_floor
       FROM chunk f
       JOIN queues q ON q.project_id = $1 AND q.id = ${queue}
       JOIN items i ON i.project_id = $1 AND i.id = f.item_id
       LEFT JOIN exposures e ON e.project_id = $1 AND e.id = f.exposure_id
       LEFT JOIN predictions x ON x.project_id = $1 AND x.id = e.prediction_id AND x.actor_id IS NULL AND x.memory_snapshot IS NULL
         ${rule.filters?.modelVersionId || rule.strategy === 'disagreement' ? 'AND false' : ''}
       LEFT JOIN LATERAL (${prediction}) p ON true
       ORDER BY f.rank
       ON CONFLICT DO NOTHING RETURNING id, prediction_id)
     SELECT (SELECT count(*) FROM chunk) AS found, (SELECT count(*) FROM entries WHERE prediction_id IS NULL) AS unpredicted,
       coalesce((SELECT array_agg(id) FROM entries), '{}') AS added`,
    values.list,
  )
  return rows[0]
}

/** Gives new entries their places, in the order in which the queue hands out. The parts of a mix take turns by their ranks. */
export async function placeEntries(
  tx: Transaction,
  {
    projectId,
    queueId,
    seed,
    overlap,
  }: { projectId: string; queueId: string; seed: string; overlap: number },
  entryIds: readonly string[],
  ordering: QueueOrdering,
): Promise<void> {
  if (entryIds.length === 0) return
  const by: Record<QueueOrdering, string> = {
    ranked: 'e.turn, e.part, e.rank',
    random: 'md5($5 || e.item_id::text)',
    oldest: 'i.created_at',
    newest: 'i.created_at DESC',
  }
  await tx.$client.query(
    `WITH base AS (
       UPDATE queues SET next_position = next_position + cardinality($3::uuid[]) * $4::int
       WHERE project_id = $1 AND id = $2 RETURNING next_position - cardinality($3::uuid[]) * $4::int AS position),
     placed AS (
       SELECT e.id, e.item_id, row_number() OVER (ORDER BY ${by[ordering]}, e.item_id) - 1 AS at
       FROM (SELECT e.*, e.rank::float8 / count(*) OVER (PARTITION BY e.part) AS turn
         FROM queue_entries e WHERE e.project_id = $1 AND e.id = ANY($3::uuid[])) e
       JOIN items i ON i.project_id = $1 AND i.id = e.item_id WHERE $5::text IS NOT NULL)
     INSERT INTO assignments (project_id, queue_id, entry_id, item_id, position)
     SELECT $1, $2, p.id, p.item_id, base.position + p.at * $4::int + n
     FROM placed p, base, generate_series(0, $4::int - 1) AS n ORDER BY 5`,
    [projectId, queueId, entryIds, overlap, seed],
  )
}

/** The slice with the highest share of corrected suggestions, of those with decisions enough; null where there is none. */
export async function findWeakSlice(
  db: Database | Transaction,
  projectId: string,
  least: number,
): Promise<(Slice & { corrected: number; decided: number }) | null> {
  const { rows } = await db.$client.query(
    `SELECT s.key AS name, s.value, count(*) FILTER (WHERE d.state IN ('corrected', 'written', 'rejected')) AS corrected, count(*) AS decided
     FROM decisions d JOIN exposures x ON x.project_id = d.project_id AND x.id = d.exposure_id
     CROSS JOIN LATERAL jsonb_each_text(x.slice_attributes) s
     WHERE d.project_id = $1 AND d.state NOT IN ('open', 'ignored') AND d.suggestion_shown AND NOT x.blind AND s.value IS NOT NULL
       AND ${notInvented('d')}
     GROUP BY s.key, s.value HAVING count(*) >= $2
     ORDER BY count(*) FILTER (WHERE d.state IN ('corrected', 'written', 'rejected'))::float8 / count(*) DESC, count(*) DESC, s.key, s.value
     LIMIT 1`,
    [projectId, least],
  )
  return rows[0] ?? null
}

/** The newest items that a rule looks at, with what tells them apart, and those that the queue holds already. */
export async function readForDistance(
  db: Database | Transaction,
  selection: Selection,
): Promise<{ itemId: string; inQueue: boolean; payload: unknown; vectors: Record<string, string> | null }[]> {
  const { text, values } = poolOf({ ...selection, farApart: [] })
  const { rows } = await db.$client.query(
    `SELECT i.id AS "itemId", e.id IS NOT NULL AS "inQueue", c.body AS payload,
       (SELECT jsonb_object_agg(v.kind, encode(v.vector, 'base64')) FROM item_vectors v WHERE v.project_id = $1 AND v.item_id = i.id) AS vectors
     FROM (SELECT item_id FROM (${text}) pool
       UNION SELECT item_id FROM (SELECT item_id FROM queue_entries WHERE project_id = $1 AND queue_id = ${values.add(selection.queueId, 'uuid')}
         AND kind = 'review' ORDER BY id DESC LIMIT 500) held) pool
     JOIN items i ON i.project_id = $1 AND i.id = pool.item_id AND i.erased_at IS NULL
     JOIN contents c ON c.project_id = $1 AND c.id = i.content_id
     LEFT JOIN queue_entries e ON e.project_id = $1 AND e.queue_id = ${values.add(selection.queueId, 'uuid')} AND e.item_id = i.id AND e.kind = 'review'
     ORDER BY i.created_at DESC, i.id DESC`,
    values.list,
  )
  return rows
}
