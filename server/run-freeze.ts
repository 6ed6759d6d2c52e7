import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import { pickSql, reachedSql } from '@/db/queries/datasets'
import type { DatasetRules, Selection } from '@/domain/dataset'
import type { DatasetTarget, LeftOutReason, VersionCounts } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import { checkVersion } from './check-version'
import { clusterPicks } from './cluster-picks'
import { contentsOf, makeRow, type NewRow, type RowPick, rowHashOf } from './dataset-row'
import { type Place, placePicks } from './place-picks'
import { recordAction, startedBy } from './record-action'
import { leaveOutPersonal, redactPicks } from './redact-rows'
import type { JobEnd, JobKind, RunningJob, StoredJob } from './run-job'
import { tombstone } from './tombstone-versions'
import { type Frozen, hashOfVersion } from './version-hash'
import { readContents, readVersion } from './version-lines'

const rowsPerChunk = 1000
/** Values of one slice that are counted apart: the most common ones. */
const mostSliceValues = 50
/** For the statements that see a whole selection or a whole version at once. */
const longTimeoutMs = 10 * 60_000

/** A version that is being frozen. */
export interface FreezeWork {
  id: string
  datasetId: string
  definition: {
    target: DatasetTarget
    selection: Selection
    rules: DatasetRules
    taskType: string
    timeZone: string
    lineFormat: number
    /** The moment at which the ledger was read; there once it was. */
    asOf?: { at?: string }
  }
  counts: Partial<VersionCounts>
}

/**
 * Freezes a version: first what the selection reaches is picked in one statement, so from one moment of the ledger;
 * then rows are made from the picks, chunk by chunk; then the whole is read once as it leaves, checked and hashed.
 */
export const freezeJob: JobKind = {
  async run(job) {
    const work = await findWork(job)
    if (work.counts.picked === undefined) await pick(job, work)
    if (work.definition.rules.personalData === 'exclude') await leaveOutPersonal(job, work)
    await clusterPicks(job, work)
    await placePicks(job, work)
    while (await storeChunk(job, work));
    const { blocked, frozen } = await checkVersion(job, work)
    if (blocked) return { blocked: true }
    return { ...(frozen ?? (await hashVersion(job, work))) }
  },

  async settle(tx, job, end) {
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(longTimeoutMs)])
    if (end.state === 'done' && end.result?.blocked) await settleBlocked(tx, job)
    else if (end.state === 'done') await settleFrozen(tx, job, end.result as unknown as Frozen)
    else await giveUp(tx, job, end)
  },
}

const versionIdOf = (job: StoredJob) => String(job.payload.versionId)

const findWork = (job: RunningJob) => findFreezeWork(job.projectId, versionIdOf(job))

/** @throws Error where the version is not being frozen */
export async function findFreezeWork(projectId: string, versionId: string): Promise<FreezeWork> {
  const { rows } = await getDb().$client.query<FreezeWork>(
    `SELECT id, dataset_id AS "datasetId", definition, counts FROM dataset_versions WHERE project_id = $1 AND id = $2 AND state = 'freezing'`,
    [projectId, versionId],
  )
  if (!rows[0]) throw new Error('the version of this job is gone')
  return rows[0]
}

const said = (n: number) => n.toLocaleString('en')

async function pick(job: RunningJob, work: FreezeWork): Promise<void> {
  const { target, selection, rules, timeZone } = work.definition
  const values: unknown[] = [job.projectId, work.id]
  const reached = reachedSql(
    { projectId: job.projectId, timeZone },
    { target, selection, rules },
    value => `$${values.push(value)}`,
  )
  await job.chunk(async tx => {
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(longTimeoutMs)])
    const { rows } = await tx.$client.query<{ reason: string; n: number; now: string; snapshot: string }>(
      pickSql(reached),
      values,
    )
    const of = new Map(rows.map(row => [row.reason, row.n]))
    const picked = of.get('picked') ?? 0
    if (picked === 0)
      throw new AmendError(
        'conflict',
        'Nothing fits this dataset now, so there is nothing to freeze. Widen its selection, or wait for more feedback.',
      )
    const leftOut = Object.fromEntries([...of].filter(([reason]) => reason !== 'picked' && reason !== 'none'))
    work.counts = { picked, leftOut }
    work.definition.asOf = { at: String(rows[0]?.now) }
    await tx.$client.query(
      `UPDATE dataset_versions SET counts = $3, definition = definition || $4 WHERE project_id = $1 AND id = $2`,
      [
        job.projectId,
        work.id,
        work.counts,
        {
          asOf: { at: rows[0]?.now, snapshot: rows[0]?.snapshot, rule: 'one statement over what stood then' },
        },
      ],
    )
    // Every row is handled twice: made, and read back.
    return { done: 0, total: picked * 2, message: `Making ${said(picked)} rows` }
  })
}

/** Makes rows from the next picks; false when none is left. */
async function storeChunk(job: RunningJob, work: FreezeWork): Promise<boolean> {
  let more = false
  await job.chunk(async tx => {
    const { rows: versions } = await tx.$client.query<{ rows: number; counts: Partial<VersionCounts> }>(
      `SELECT row_count AS rows, counts FROM dataset_versions WHERE project_id = $1 AND id = $2 FOR UPDATE`,
      [job.projectId, work.id],
    )
    const now = versions[0]
    if (!now) throw new Error('the version of this job is gone')
    const from = now.counts.position ?? 0
    const { rows: picks } = await tx.$client.query<{
      body: RowPick
      clusterKey: string | null
      place: Place
    }>(
      `SELECT body, cluster_key AS "clusterKey", place FROM dataset_picks WHERE project_id = $1 AND version_id = $2 AND at > $3 AND at <= $4 ORDER BY at`,
      [job.projectId, work.id, from, from + rowsPerChunk],
    )
    const position = from + picks.length
    more = picks.length === rowsPerChunk
    await storeRows(
      tx,
      job.projectId,
      work,
      picks.map(({ body, clusterKey, place }) => ({ ...body, clusterKey, place })),
      { ...now, position },
    )
    return { done: position, message: `Making rows: ${said(position)} of ${said(work.counts.picked ?? 0)}` }
  })
  return more
}

type PlacedPick = RowPick & { clusterKey: string | null; place: Place }

async function storeRows(
  tx: Transaction,
  projectId: string,
  work: FreezeWork,
  picks: readonly PlacedPick[],
  now: { rows: number; counts: Partial<VersionCounts>; position: number },
): Promise<void> {
  const task = await loadTaskType(work.definition.taskType)
  const wanted = picks.filter(one => 'split' in one.place)
  let contents = await readContents(tx.$client, projectId, wanted.flatMap(contentsOf))
  const redacted =
    work.definition.rules.personalData === 'redact'
      ? await redactPicks(tx, projectId, task, wanted, contents)
      : null
  if (redacted) contents = redacted.contents
  const rows: NewRow[] = []
  for (const one of wanted) {
    const { clusterKey, place } = one
    if (!('split' in place)) continue
    const pick = redacted?.picks.get(one) ?? { pick: one, taken: null }
    const row = makeRow(pick.pick, contents, {
      number: now.rows + rows.length + 1,
      split: place.split,
      clusterKey,
    })
    if (!row) continue
    const payload = contents.get(row.itemContentId)?.body
    row.facts = {
      ...row.facts,
      keptProbability: place.kept,
      splitReason: place.reason,
      slices: task.slicesOf?.(payload) ?? {},
      redacted: pick.taken,
    }
    rows.push(row)
  }
  await insertRows(tx, projectId, work.id, rows)
  const erased = wanted.length - rows.length
  const leftOut: Partial<Record<LeftOutReason, number>> = { ...now.counts.leftOut }
  if (erased > 0) leftOut.erased = (leftOut.erased ?? 0) + erased
  await tx.$client.query(
    `UPDATE dataset_versions SET row_count = row_count + $3, counts = counts || $4 WHERE project_id = $1 AND id = $2`,
    [projectId, work.id, rows.length, { leftOut, position: now.position }],
  )
}

export async function insertRows(
  tx: Transaction,
  projectId: string,
  versionId: string,
  rows: readonly NewRow[],
): Promise<void> {
  if (rows.length === 0) return
  await tx.$client.query(
    `INSERT INTO dataset_rows (project_id, version_id, number, item_id, item_content_id, input_hash, group_key, split,
       values, rejected, cluster_key, facts, exposure_id, entry_id, row_hash)
     SELECT $1, $2, r.number, r."itemId", r."itemContentId", r."inputHash", r."groupKey", r.split, r.values, r.rejected, r."clusterKey",
       r.facts, r."exposureId", r."entryId", r."rowHash"
     FROM jsonb_to_recordset($3::jsonb) AS r(number int, "itemId" uuid, "itemContentId" uuid, "inputHash" text,
       "groupKey" text, split text, values jsonb, rejected jsonb, "clusterKey" text, facts jsonb, "exposureId" uuid, "entryId" uuid, "rowHash" text)`,
    [projectId, versionId, JSON.stringify(rows.map(row => ({ ...row, rowHash: rowHashOf(row) })))],
  )
}

/** Reads every row as it leaves. A worker that takes over begins this anew: a hash can't be stored half way. */
export async function hashVersion(job: RunningJob, work: FreezeWork): Promise<Frozen> {
  const picked = work.counts.picked ?? 0
  const hash = hashOfVersion(work.definition.lineFormat)
  for await (const read of readVersion(job.projectId, work.id)) {
    hash.add(read)
    const done = hash.rows()
    await job.chunk(async () => ({
      done: picked + done,
      message: `Hashing: ${said(done)} of ${said(picked)}`,
    }))
  }
  return hash.end()
}

/** Rows and what was found of them stay; whoever may waives it, and the freeze goes on, or takes the version back. */
async function settleBlocked(tx: Transaction, job: StoredJob): Promise<void> {
  const id = versionIdOf(job)
  await tx.$client.query(
    `UPDATE dataset_versions SET state = 'blocked' WHERE project_id = $1 AND id = $2 AND state = 'freezing'`,
    [job.projectId, id],
  )
  await tx.$client.query('DELETE FROM dataset_picks WHERE project_id = $1 AND version_id = $2', [
    job.projectId,
    id,
  ])
}

async function settleFrozen(tx: Transaction, job: StoredJob, frozen: Frozen): Promise<void> {
  const id = versionIdOf(job)
  const { rows } = await tx.$client.query(
    `WITH r AS MATERIALIZED (
       SELECT split, group_key, coalesce(facts->>'state', facts->>'source') AS label,
         (facts->>'modelInfluenced')::boolean AS influenced, exposure_id, entry_id, facts, values
       FROM dataset_rows WHERE project_id = $1 AND version_id = $2),
     changed AS (
       SELECT EXISTS (SELECT FROM r JOIN decisions d ON d.project_id = $1 AND d.exposure_id = r.exposure_id
           WHERE d.event_id IS DISTINCT FROM (r.facts->'eventIds'->>0)::uuid)
         OR EXISTS (SELECT FROM r LEFT JOIN resolutions s ON s.project_id = $1 AND s.entry_id = r.entry_id
           WHERE r.entry_id IS NOT NULL AND (to_jsonb(s.answer_event_ids) IS DISTINCT FROM r.facts->'answerEventIds'
             OR s.source IS DISTINCT FROM r.facts->>'source'
             OR s.values IS DISTINCT FROM (SELECT coalesce(jsonb_agg(v - 'hash' ORDER BY at), '[]')
               FROM jsonb_array_elements(r.values) WITH ORDINALITY AS x(v, at)))) AS yes)
     SELECT (SELECT count(DISTINCT group_key)::int FROM r) AS groups,
       (SELECT jsonb_object_agg(split, n) FROM (SELECT split, count(*)::int AS n FROM r GROUP BY 1) x) AS splits,
       (SELECT jsonb_object_agg(label, n) FROM (SELECT label, count(*)::int AS n FROM r GROUP BY 1) x) AS states,
       (SELECT jsonb_object_agg(split, n) FROM (
         SELECT split, count(*) FILTER (WHERE influenced)::int AS n FROM r GROUP BY 1) x) AS influenced,
       (SELECT count(*)::int FROM r WHERE split = 'test' AND facts->>'unbiased' = 'true') AS "unbiasedTest",
       (SELECT jsonb_object_agg(name, values) FROM (
         SELECT name, jsonb_object_agg(value, of) AS values FROM (
           SELECT name, value, jsonb_object_agg(split, n) AS of,
             row_number() OVER (PARTITION BY name ORDER BY sum(n) DESC, value) AS place FROM (
             SELECT s.key AS name, s.value, split, count(*)::int AS n
             FROM r, jsonb_each_text(coalesce(facts->'slices', '{}')) s WHERE s.value IS NOT NULL GROUP BY 1, 2, 3) a
           GROUP BY 1, 2) b WHERE place <= ${mostSliceValues} GROUP BY 1) c) AS slices,
       (SELECT yes FROM changed) AS changed`,
    [job.projectId, id],
  )
  const { groups, splits, states, influenced, unbiasedTest, slices, changed } = rows[0]
  const none = { train: 0, validation: 0, test: 0 }
  const counts = {
    rows: frozen.rows,
    groups,
    splits: { ...none, ...splits },
    states,
    influenced: { ...none, ...influenced },
    unbiasedTest,
    slices: slices ?? {},
  }
  const { rows: settled } = await tx.$client.query<{
    number: number
    createdBy: string | null
    erased: boolean | null
  }>(
    `UPDATE dataset_versions SET state = 'frozen', counts = (counts || $3) - '{position,placed}'::text[], rows_hash = $4, content_sha256 = $5,
       content_bytes = $6, frozen_at = amend.now(),
       overtaken_at = CASE WHEN $7 THEN coalesce(overtaken_at, amend.now()) ELSE overtaken_at END,
       overtaken_reason = CASE WHEN $7 THEN coalesce(overtaken_reason, 'undone') ELSE overtaken_reason END
     WHERE project_id = $1 AND id = $2 AND state = 'freezing' RETURNING number, created_by AS "createdBy",
       overtaken_reason = 'erased' AS erased`,
    [job.projectId, id, counts, frozen.rowsHash, frozen.contentSha256, frozen.contentBytes, changed],
  )
  const version = settled[0]
  if (!version) throw new Error('the version of this job is gone')
  // Erased while it was being frozen: it holds rows that nobody can read.
  if (version.erased) await tombstone(tx, job.projectId, [id])
  await tx.$client.query(
    `INSERT INTO dataset_groups (project_id, group_key, split, version_id)
     SELECT $1::uuid, group_key, CASE WHEN bool_or(split = 'test') THEN 'test' WHEN bool_or(split = 'train') THEN 'train'
       ELSE 'validation' END, $2::uuid FROM dataset_rows
     WHERE project_id = $1 AND version_id = $2 GROUP BY group_key ON CONFLICT DO NOTHING`,
    [job.projectId, id],
  )
  await tx.$client.query('DELETE FROM dataset_picks WHERE project_id = $1 AND version_id = $2', [
    job.projectId,
    id,
  ])
  await recordAction(tx, startedBy(job.projectId, { userId: version.createdBy, keyId: job.payload.keyId }), {
    kind: 'dataset-version.frozen',
    targetType: 'dataset-version',
    targetId: id,
    after: { number: version.number, rows: frozen.rows, sha256: frozen.contentSha256 },
  })
}

/** What was stored of a version that is never frozen goes; its number stays used, so that no two are ever confused. */
async function giveUp(tx: Transaction, job: StoredJob, end: JobEnd): Promise<void> {
  for (const table of ['dataset_picks', 'dataset_findings', 'dataset_checks', 'dataset_rows'])
    await tx.$client.query(`DELETE FROM ${table} WHERE project_id = $1 AND version_id = $2`, [
      job.projectId,
      versionIdOf(job),
    ])
  await tx.$client.query(
    `UPDATE dataset_versions SET state = $3, row_count = 0, counts = '{}' WHERE project_id = $1 AND id = $2 AND state = 'freezing'`,
    [job.projectId, versionIdOf(job), end.state],
  )
}
