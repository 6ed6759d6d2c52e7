import 'server-only'
import type { Affected } from '@/contract/v1/specification'
import { type Database, statementName, type Transaction } from '@/db/client'
import { currentCode } from '@/domain/specification'
import type { Versions } from './find-specification'

/** A change of the specification, by what it may touch. */
export interface Reach {
  projectId: string
  /** The version that it makes: answers given under earlier ones are its business. */
  version: number
  /** Codes as they stood in the version before it. */
  codes: readonly string[]
  queues: readonly string[]
}

/** Under which version which code was given that the version before `version` reads as one of `codes`. */
export function givenAs(
  { schemas, readings }: Versions,
  { version, codes }: Pick<Reach, 'version' | 'codes'>,
): { versions: number[]; codes: string[] } {
  const pairs = [...schemas].flatMap(([given, { reasons }]) =>
    given >= version
      ? []
      : reasons
          .map(({ code }) => code)
          .filter(code => codes.includes(currentCode(code, given, version - 1, readings) ?? ''))
          .map(code => ({ given, code })),
  )
  return { versions: pairs.map(pair => pair.given), codes: pairs.map(pair => pair.code) }
}

/** An answer `a` that counts, given under a version before `$2`. */
const counts = `a.project_id = $1 AND a.kind = 'review' AND a.specification_version < $2
  AND (NOT a.simulated OR EXISTS (SELECT FROM projects p WHERE p.id = a.project_id AND p.demo))`

/** It carries one of the codes: pairs of `$3` and `$4`. */
const carries = `EXISTS (SELECT FROM jsonb_array_elements(a.verdicts) v, jsonb_array_elements_text(v->'reasons') r
  JOIN unnest($3::int[], $4::text[]) AS given(version, code) ON given.code = r WHERE given.version = a.specification_version)`

/** A place of the log that can be sent back, and that the change chose: queues are `$5`. */
const goesBack = `e.project_id = $1 AND e.kind = 'review' AND e.state IN ('open', 'disputed', 'resolved')
  AND EXISTS (SELECT FROM items i WHERE i.project_id = e.project_id AND i.id = e.item_id AND i.erased_at IS NULL)
  AND ((e.state = 'resolved' AND e.queue_id = ANY($5::uuid[])
      AND EXISTS (SELECT FROM answers a WHERE a.entry_id = e.id AND ${counts}))
    OR (cardinality($3::int[]) > 0 AND EXISTS (SELECT FROM answers a WHERE a.entry_id = e.id AND ${counts} AND ${carries})))`

const heldSql = `coalesce((SELECT json_agg(x ORDER BY x.dataset, x.number) FROM (
  SELECT d.name AS dataset, v.number, count(*)::int AS rows FROM hit h
  JOIN dataset_rows r ON r.project_id = $1 AND r.entry_id = h.id
  JOIN dataset_versions v ON v.project_id = $1 AND v.id = r.version_id AND v.state = 'frozen'
  JOIN datasets d ON d.project_id = $1 AND d.id = v.dataset_id GROUP BY d.name, v.number) x), '[]'::json)`

const affectedSql = (condition: string) => `
  WITH hit AS MATERIALIZED (
    SELECT a.entry_id AS id, a.queue_id, count(*)::int AS answers,
      EXISTS (SELECT FROM resolutions r WHERE r.project_id = $1 AND r.entry_id = a.entry_id) AS resolved
    FROM answers a WHERE ${counts} AND ${condition} GROUP BY a.entry_id, a.queue_id),
  per_queue AS (
    SELECT q.id, q.name, sum(h.answers)::int AS answers, count(*)::int AS items, (count(*) FILTER (WHERE h.resolved))::int AS resolved
    FROM hit h JOIN queues q ON q.project_id = $1 AND q.id = h.queue_id GROUP BY q.id, q.name)
  SELECT coalesce(sum(answers), 0)::int AS answers, coalesce(sum(items), 0)::int AS items, coalesce(sum(resolved), 0)::int AS resolved,
    coalesce(json_agg(p ORDER BY p.name, p.id), '[]'::json) AS queues, ${heldSql} AS versions FROM per_queue p`

/** The answers given under earlier versions, and what holds them. */
export async function affectedByGuideline(
  db: Pick<Database | Transaction, '$client'>,
  projectId: string,
  version: number,
): Promise<Affected> {
  const { rows } = await db.$client.query<Affected>({
    name: statementName('affected-by-guideline'),
    text: affectedSql('true'),
    values: [projectId, version],
  })
  if (!rows[0]) throw new Error('a count without a row')
  return rows[0]
}

/** Those of them that carry one code, read as the version before `version` reads it. */
export async function affectedByCode(
  db: Pick<Database | Transaction, '$client'>,
  projectId: string,
  versions: Versions,
  { version, code }: { version: number; code: string },
): Promise<Affected> {
  const given = givenAs(versions, { version, codes: [code] })
  const { rows } = await db.$client.query<Affected>({
    name: statementName('affected-by-code'),
    text: affectedSql(carries),
    values: [projectId, version, given.versions, given.codes],
  })
  if (!rows[0]) throw new Error('a count without a row')
  return rows[0]
}

const valuesOf = (versions: Versions, reach: Reach) => {
  const given = givenAs(versions, reach)
  return [reach.projectId, reach.version, given.versions, given.codes, reach.queues]
}

/** How many items a change sends back, and the frozen versions that hold them. */
export async function countSentBack(
  db: Pick<Database | Transaction, '$client'>,
  versions: Versions,
  reach: Reach,
): Promise<{ items: number; resolved: number; versions: Affected['versions'] }> {
  const { rows } = await db.$client.query({
    name: statementName('count-sent-back'),
    text: `WITH hit AS MATERIALIZED (SELECT e.id, e.state FROM queue_entries e WHERE ${goesBack})
      SELECT (SELECT count(*)::int FROM hit) AS items, (SELECT count(*)::int FROM hit WHERE state = 'resolved') AS resolved, ${heldSql} AS versions`,
    values: valuesOf(versions, reach),
  })
  return rows[0]
}

/** The next entries to be sent back, behind `after`, in the order of their ids. */
export async function nextSentBack(
  db: Pick<Database | Transaction, '$client'>,
  versions: Versions,
  reach: Reach,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>({
    name: statementName('next-sent-back'),
    text: `SELECT e.id FROM queue_entries e WHERE ${goesBack} AND e.id > $6 ORDER BY e.id LIMIT $7`,
    values: [...valuesOf(versions, reach), after, limit],
  })
  return rows.map(row => row.id)
}
