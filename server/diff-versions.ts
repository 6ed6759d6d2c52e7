import 'server-only'
import type { ChangedRow, VersionDiff } from '@/contract/v1/datasets'
import { getDb, withTransaction } from '@/db/client'
import { type ChangeKind, changeKinds } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { findFrozen, findVersion } from './find-dataset'
import { readLinesAfter } from './version-lines'

const firstRows = 20
const diffTimeoutMs = 20_000

/** Rows of both versions side by side, matched by what they rest on: the exposure of a decision, the entry of a resolution. */
const pairsSql = `
  WITH a AS (SELECT number, coalesce(exposure_id, entry_id) AS id, split, values, facts FROM dataset_rows
    WHERE project_id = $1 AND version_id = $2),
  b AS (SELECT number, coalesce(exposure_id, entry_id) AS id, split, values, facts FROM dataset_rows
    WHERE project_id = $1 AND version_id = $3),
  pairs AS MATERIALIZED (
    SELECT a.number AS after, b.number AS before, a.id IS NOT NULL AND b.id IS NULL AS added,
      a.id IS NULL AS removed,
      a.values IS DISTINCT FROM b.values OR a.facts->'state' IS DISTINCT FROM b.facts->'state' AS changed,
      a.split IS DISTINCT FROM b.split AS moved
    FROM a FULL JOIN b ON b.id = a.id)
  , kinds AS (
    SELECT k.kind, p.after, p.before FROM pairs p, LATERAL (VALUES ('added', p.added), ('removed', p.removed),
      ('changed', NOT p.added AND NOT p.removed AND p.changed), ('moved', NOT p.added AND NOT p.removed AND p.moved)) k(kind, holds)
    WHERE k.holds)
  SELECT kind, n, after, before FROM (
    SELECT kind, after, before, count(*) OVER (PARTITION BY kind)::int AS n,
      row_number() OVER (PARTITION BY kind ORDER BY coalesce(after, before)) AS at FROM kinds) x
  WHERE at <= ${firstRows} ORDER BY kind, at`

/**
 * What a version has that another one has not, row by row, with the first rows of each kind.
 *
 * @throws AmendError not_found, conflict (not frozen, or there is none before)
 */
export async function diffVersions(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  against: string | undefined,
): Promise<VersionDiff> {
  const { dataset, version } = await findFrozen(scope, slugOrId, wanted)
  const other = against ?? (version.parentNumber === null ? null : String(version.parentNumber))
  if (other === null)
    throw new AmendError('conflict', 'This is the first version, so there is nothing to compare it with.')
  const base = await findVersion(scope, dataset, other)
  if (base.state !== 'frozen')
    throw new AmendError('conflict', `Version ${base.number} is not frozen. Compare with one that is.`, {
      field: 'against',
    })
  const { rows: pairs } = await withTransaction(async tx => {
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(diffTimeoutMs)])
    return tx.$client.query<{ kind: ChangeKind; n: number; after: number | null; before: number | null }>(
      pairsSql,
      [scope.projectId, version.id, base.id],
    )
  })
  const task = await loadTaskType(scope.project.taskType)
  const [after, before] = await Promise.all([
    readSome(
      scope,
      version.id,
      pairs.map(pair => pair.after),
    ),
    readSome(
      scope,
      base.id,
      pairs.map(pair => pair.before),
    ),
  ])
  const reasons = await whyRemoved(
    scope,
    pairs.flatMap(pair =>
      pair.kind === 'removed' ? [before.get(pair.before ?? 0)?.line.exposure_id ?? null] : [],
    ),
  )
  const groupOf = (kind: ChangeKind) => {
    const own = pairs.filter(pair => pair.kind === kind)
    return {
      count: own[0]?.n ?? 0,
      first: own.map(pair =>
        toChanged(kind, before.get(pair.before ?? 0), after.get(pair.after ?? 0), task, reasons),
      ),
    }
  }
  const groups = Object.fromEntries(changeKinds.map(kind => [kind, groupOf(kind)])) as Pick<
    VersionDiff,
    ChangeKind
  >
  return { number: version.number, against: base.number, ...groups }
}

type Read = Awaited<ReturnType<typeof readLinesAfter>>[number]

async function readSome(
  scope: ProjectScope,
  versionId: string,
  numbers: readonly (number | null)[],
): Promise<Map<number, Read>> {
  const wanted = [...new Set(numbers.filter(number => number !== null))]
  if (wanted.length === 0) return new Map()
  const read = await readLinesAfter(scope.projectId, versionId, {
    after: 0,
    limit: wanted.length,
    condition: `r.number IN (${wanted.map(Number).join(', ')})`,
  })
  return new Map(read.map(one => [one.row.number, one]))
}

/** What became of decisions that are no longer in, as far as it can still be seen. */
async function whyRemoved(
  scope: ProjectScope,
  exposureIds: readonly (string | null)[],
): Promise<Map<string, string>> {
  const ids = exposureIds.filter(id => id !== null)
  if (ids.length === 0) return new Map()
  const { rows } = await getDb().$client.query<{ id: string; why: string | null }>(
    `SELECT d.exposure_id AS id, CASE WHEN i.erased_at IS NOT NULL THEN 'erased'
       WHEN d.state = 'open' AND d.ever_undone THEN 'taken back' WHEN NOT a.training_allowed THEN 'opted out'
       WHEN d.state NOT IN ('accepted', 'corrected', 'written') THEN d.state || ' since' END AS why
     FROM decisions d JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id
     JOIN actors a ON a.project_id = d.project_id AND a.id = d.actor_id
     WHERE d.project_id = $1 AND d.exposure_id = ANY($2::uuid[])`,
    [scope.projectId, ids],
  )
  return new Map(rows.flatMap(row => (row.why ? [[row.id, row.why]] : [])))
}

const originWords: Record<string, string> = {
  accepted: 'accepted by a user',
  corrected: 'corrected by a user',
  written: 'written by a user',
  queue: 'reviewed',
  adjudication: 'adjudicated',
}

function toChanged(
  kind: ChangeKind,
  before: Read | undefined,
  after: Read | undefined,
  task: TaskType,
  reasons: ReadonlyMap<string, string>,
): ChangedRow {
  const one = after ?? before
  if (!one) throw new Error('a row of a comparison is not there')
  const erased = [before, after].some(read => read?.line.erased)
  const words = (read: Read | undefined) =>
    read ? read.line.values.map(({ value }) => (value === null ? '' : task.textOf(value))) : null
  const label = originWords[one.line.state ?? one.line.source ?? ''] ?? 'decided'
  const why: Record<ChangeKind, string> = {
    added: label,
    removed: reasons.get(before?.line.exposure_id ?? '') ?? (erased ? 'erased' : 'no longer selected'),
    changed: label,
    moved: 'the shares of the splits changed',
  }
  return {
    itemId: one.line.item_id,
    title: one.line.erased ? null : task.titleOf(one.line.input),
    before: erased ? null : words(before),
    after: erased ? null : words(after),
    erased,
    splitBefore: before?.line.split ?? null,
    splitAfter: after?.line.split ?? null,
    why: why[kind],
  }
}
