import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { ChangedRow, VersionDiff, versionDiffQuery } from '@/contract/v1/datasets'
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

/** Most values of a slice that are counted apart. */
const mostValues = 50

/** What a row rests on: a decision, an entry, one suggestion of an entry, or one comparison in it. */
const restsOn = `CASE WHEN facts ? 'reasons' THEN entry_id::text || coalesce(values->0->>'candidateId', '')
  WHEN facts->>'source' = 'compared' THEN entry_id::text || coalesce(facts->'answerEventIds'->>0, '')
  ELSE coalesce(exposure_id, entry_id, item_id)::text END`

/** Rows of both versions side by side, matched by what they rest on, one line for each kind of change. */
const kindsSql = `
  a AS (SELECT number, ${restsOn} AS id, split, values, rejected, facts FROM dataset_rows
    WHERE project_id = $1 AND version_id = $2),
  b AS (SELECT number, ${restsOn} AS id, split, values, rejected, facts FROM dataset_rows
    WHERE project_id = $1 AND version_id = $3),
  pairs AS MATERIALIZED (
    SELECT a.number AS after, b.number AS before, a.id IS NOT NULL AND b.id IS NULL AS added, a.id IS NULL AS removed,
      (a.values, a.rejected) IS DISTINCT FROM (b.values, b.rejected)
        OR a.facts->'state' IS DISTINCT FROM b.facts->'state' AS changed,
      a.split IS DISTINCT FROM b.split AS moved, coalesce(a.split, b.split) AS split,
      a.facts->'slices'->>$4 AS slice_after, b.facts->'slices'->>$4 AS slice_before
    FROM a FULL JOIN b ON b.id = a.id),
  kinds AS (
    SELECT k.kind, p.after, p.before, p.split, coalesce(p.slice_after, p.slice_before) AS slice
    FROM pairs p, LATERAL (VALUES ('added', p.added), ('removed', p.removed),
      ('changed', NOT p.added AND NOT p.removed AND p.changed), ('moved', NOT p.added AND NOT p.removed AND p.moved)) k(kind, holds)
    WHERE k.holds)`

const pairsSql = `
  WITH ${kindsSql}
  SELECT kind, n, at, after, before FROM (
    SELECT kind, after, before, count(*) OVER (PARTITION BY kind)::int AS n,
      row_number() OVER (PARTITION BY kind ORDER BY coalesce(after, before)) AS at FROM kinds) x
  WHERE ($5::text IS NULL OR kind = $5) AND at > $6 AND at <= $6 + ${firstRows} ORDER BY kind, at`

const countsSql = `
  WITH ${kindsSql}
  SELECT 'split' AS by, split AS value, kind, count(*)::int AS n FROM kinds GROUP BY 2, 3
  UNION ALL SELECT 'slice', slice, kind, count(*)::int FROM kinds WHERE slice IS NOT NULL GROUP BY 2, 3
  UNION ALL SELECT 'before', slice_before, NULL, count(*)::int FROM pairs WHERE slice_before IS NOT NULL GROUP BY 2
  UNION ALL SELECT 'after', slice_after, NULL, count(*)::int FROM pairs WHERE slice_after IS NOT NULL GROUP BY 2`

interface Counted {
  by: 'split' | 'slice' | 'before' | 'after'
  value: string
  kind: ChangeKind | null
  n: number
}

/**
 * What a version has that another one has not, row by row, with the first rows of each kind or one page of one kind.
 *
 * @throws AmendError not_found, conflict (not frozen, or there is none before)
 */
export async function diffVersions(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  { against, kind, after = 0, slice }: Partial<z.output<typeof versionDiffQuery>> = {},
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
  const names = [
    ...new Set([...(await sliceNames(scope, version.id)), ...(await sliceNames(scope, base.id))]),
  ].sort()
  const sliceName = slice ?? names[0] ?? null
  const from = kind ? after : 0
  const { pairs, counted } = await withTransaction(async tx => {
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(diffTimeoutMs)])
    const both = [scope.projectId, version.id, base.id, sliceName ?? '']
    const { rows: found } = await tx.$client.query<Pair>(pairsSql, [...both, kind ?? null, from])
    const { rows: counts } = await tx.$client.query<Counted>(countsSql, both)
    return { pairs: found, counted: counts }
  })
  const task = await loadTaskType(scope.project.taskType)
  const [now, before] = await Promise.all([
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
    pairs.flatMap(pair => (pair.kind === 'removed' ? [before.get(pair.before ?? 0)?.line ?? null] : [])),
  )
  const perSplit = (split: string) =>
    countsOf(counted.filter(one => one.by === 'split' && one.value === split))
  const groupOf = (of: ChangeKind) => {
    const own = pairs.filter(pair => pair.kind === of)
    const count = counted.reduce((sum, one) => sum + (one.by === 'split' && one.kind === of ? one.n : 0), 0)
    const last = own.at(-1)?.at ?? 0
    return {
      count,
      first: own.map(pair =>
        toChanged(of, before.get(pair.before ?? 0), now.get(pair.after ?? 0), task, reasons),
      ),
      nextAfter: own.length > 0 && last < count ? last : null,
    }
  }
  const groups = Object.fromEntries(changeKinds.map(of => [of, groupOf(of)])) as Pick<VersionDiff, ChangeKind>
  return {
    number: version.number,
    against: base.number,
    ...groups,
    bySplit: { train: perSplit('train'), validation: perSplit('validation'), test: perSplit('test') },
    slices: { names, name: sliceName, values: sliceName === null ? [] : sliceValues(counted) },
    rules: differences(base.definition, version.definition),
  }
}

interface Pair {
  kind: ChangeKind
  n: number
  at: number
  after: number | null
  before: number | null
}

function countsOf(counted: readonly Counted[]) {
  const of = (kind: ChangeKind) => counted.reduce((sum, one) => sum + (one.kind === kind ? one.n : 0), 0)
  return { added: of('added'), removed: of('removed'), changed: of('changed'), moved: of('moved') }
}

function sliceValues(counted: readonly Counted[]): VersionDiff['slices']['values'] {
  const values = [...new Set(counted.flatMap(one => (one.by === 'split' ? [] : [one.value])))]
  const of = (by: 'before' | 'after', value: string) =>
    counted.find(one => one.by === by && one.value === value)?.n ?? 0
  return values
    .map(value => ({
      value,
      before: of('before', value),
      after: of('after', value),
      ...countsOf(counted.filter(one => one.by === 'slice' && one.value === value)),
    }))
    .sort((a, b) => b.after + b.before - a.after - a.before || (a.value < b.value ? -1 : 1))
    .slice(0, mostValues)
}

/** Slices of a version by name, as they were counted when it was frozen. */
async function sliceNames(scope: ProjectScope, versionId: string): Promise<string[]> {
  const { rows } = await getDb().$client.query<{ name: string }>(
    `SELECT jsonb_object_keys(coalesce(counts->'slices', '{}')) AS name FROM dataset_versions WHERE project_id = $1 AND id = $2`,
    [scope.projectId, versionId],
  )
  return rows.map(row => row.name)
}

/** What of two definitions differs, in a few words each. */
function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const partsOf = (of: unknown) => (of ?? {}) as Record<string, unknown>
  return (['selection', 'rules'] as const).flatMap(part => {
    const [old, now] = [partsOf(before[part]), partsOf(after[part])]
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .sort()
      .filter(name => !isDeepStrictEqual(old[name], now[name]))
      .map(name => `${part}.${name}: ${said(old[name])} became ${said(now[name])}`)
  })
}

const said = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))

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

/** What became of rows that are no longer in, as far as it can still be seen. */
async function whyRemoved(
  scope: ProjectScope,
  lines: readonly (Pick<Read['line'], 'exposure_id' | 'entry_id' | 'item_id'> | null)[],
): Promise<Map<string, string>> {
  const known = lines.filter(line => line !== null)
  if (known.length === 0) return new Map()
  const { rows } = await getDb().$client.query<{ id: string; why: string | null }>(
    `SELECT x.id::text AS id, CASE WHEN i.erased_at IS NOT NULL OR a.erased_at IS NOT NULL THEN 'erased'
       WHEN i.excluded_at IS NOT NULL THEN 'kept out by a curator'
       WHEN d.state = 'open' AND d.ever_undone THEN 'taken back' WHEN NOT a.training_allowed THEN 'opted out'
       WHEN d.state NOT IN ('accepted', 'corrected', 'written') THEN d.state || ' since'
       WHEN x.entry AND r.entry_id IS NULL THEN 'no longer settled' END AS why
     FROM unnest($2::uuid[], $3::uuid[], $4::boolean[]) AS x(id, item_id, entry)
     JOIN items i ON i.project_id = $1 AND i.id = x.item_id
     LEFT JOIN decisions d ON d.project_id = $1 AND d.exposure_id = x.id AND NOT x.entry
     LEFT JOIN actors a ON a.project_id = $1 AND a.id = d.actor_id
     LEFT JOIN resolutions r ON r.project_id = $1 AND r.entry_id = x.id AND x.entry`,
    [
      scope.projectId,
      known.map(line => line.exposure_id ?? line.entry_id),
      known.map(line => line.item_id),
      known.map(line => line.exposure_id === null),
    ],
  )
  return new Map(rows.flatMap(row => (row.why ? [[row.id, row.why]] : [])))
}

const originWords: Record<string, string> = {
  accepted: 'accepted by a user',
  corrected: 'corrected by a user',
  written: 'written by a user',
  queue: 'reviewed',
  adjudication: 'adjudicated',
  import: 'brought with a file',
  compared: 'compared in review',
}

const movedWords: Record<string, string> = {
  time: 'by when it was decided',
  cluster: 'with its near-duplicates',
  'was-trained-on': 'its group was trained on before',
  'not-unbiased': 'no row of its group is fit to measure',
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
    removed:
      reasons.get(before?.line.exposure_id ?? before?.line.entry_id ?? '') ??
      (erased ? 'erased' : 'no longer selected'),
    changed: label,
    moved: movedWords[after?.line.split_reason ?? ''] ?? 'the shares of the splits changed',
  }
  return {
    number: one.line.number,
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
