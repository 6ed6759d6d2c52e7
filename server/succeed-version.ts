import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import type { VersionCounts } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import { checkVersion } from './check-version'
import { holdFreezes } from './freeze-dataset'
import { type FreezeWork, findFreezeWork, freezeJob, hashVersion, insertRows } from './run-freeze'
import type { JobKind, RunningJob } from './run-job'
import { lineFormat, readLinesAfter } from './version-lines'

const rowsPerChunk = 500

/** Makes the version that follows a tombstoned one: the same rows in their order and splits, without those that were erased. */
export const succeedJob: JobKind = {
  async run(job) {
    const old = await findOld(job)
    if (!old) return { nothing: true }
    const work = await begin(job, old)
    while (await copyChunk(job, work, old));
    const { blocked, frozen } = await checkVersion(job, work)
    if (blocked) await waiveAsBefore(job, work, old)
    return { ...(frozen ?? (await hashVersion(job, work))), versionId: work.id, oldId: old.id }
  },

  async settle(tx, job, end) {
    if (end.state === 'done' && end.result.nothing) return
    const id = end.state === 'done' ? String(end.result.versionId) : await madeBy(tx, job.projectId, job.id)
    if (id === null) return
    await freezeJob.settle(tx, { ...job, payload: { versionId: id } }, end)
    if (end.state === 'done')
      await tx.$client.query(
        `UPDATE dataset_versions SET successor_version_id = $3 WHERE project_id = $1 AND id = $2`,
        [job.projectId, end.result.oldId, id],
      )
  },
}

interface OldVersion {
  id: string
  datasetId: string
  number: number
  rows: number
  counts: VersionCounts
  definition: FreezeWork['definition']
  createdBy: string | null
}

async function findOld(job: RunningJob): Promise<OldVersion | null> {
  const { rows } = await getDb().$client.query<OldVersion>(
    `SELECT id, dataset_id AS "datasetId", number, row_count AS rows, counts, definition, created_by AS "createdBy"
     FROM dataset_versions WHERE project_id = $1 AND id = $2 AND state = 'frozen' AND successor_version_id IS NULL`,
    [job.projectId, job.payload.versionId],
  )
  return rows[0] ?? null
}

async function madeBy(tx: Transaction, projectId: string, jobId: string): Promise<string | null> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT id FROM dataset_versions WHERE project_id = $1 AND job_id = $2 AND state = 'freezing'`,
    [projectId, jobId],
  )
  return rows[0]?.id ?? null
}

async function begin(job: RunningJob, old: OldVersion): Promise<FreezeWork> {
  let id: string | null = null
  await job.chunk(async tx => {
    await holdFreezes(tx, job.projectId)
    id = await madeBy(tx, job.projectId, job.id)
    if (id === null) {
      const { rows } = await tx.$client.query<{ id: string }>(
        `INSERT INTO dataset_versions (project_id, dataset_id, number, parent_version_id, definition, counts, created_by, job_id)
         SELECT $1, $2, (SELECT max(number) + 1 FROM dataset_versions WHERE project_id = $1 AND dataset_id = $2), $3, $4, $5, $6, $7
         RETURNING id`,
        [
          job.projectId,
          old.datasetId,
          old.id,
          { ...old.definition, lineFormat, successorOf: old.number },
          {
            picked: old.rows,
            placed: true,
            position: 0,
            leftOut: old.counts.leftOut,
            ...(old.counts.clusters === undefined ? {} : { clusters: old.counts.clusters }),
            ...(old.counts.cuts ? { cuts: old.counts.cuts } : {}),
          },
          old.createdBy,
          job.id,
        ],
      )
      id = rows[0]?.id ?? null
    }
    return { done: 0, total: old.rows * 2, message: `Making the version after ${old.number}` }
  })
  return findFreezeWork(job.projectId, id ?? '')
}

async function copyChunk(job: RunningJob, work: FreezeWork, old: OldVersion): Promise<boolean> {
  let more = false
  await job.chunk(async tx => {
    const { rows: now } = await tx.$client.query<{ rows: number; counts: Partial<VersionCounts> }>(
      'SELECT row_count AS rows, counts FROM dataset_versions WHERE project_id = $1 AND id = $2 FOR UPDATE',
      [job.projectId, work.id],
    )
    const from = now[0]?.counts.position ?? 0
    const made = now[0]?.rows ?? 0
    const read = await readLinesAfter(job.projectId, old.id, { after: from, limit: rowsPerChunk })
    const kept = read.filter(one => !one.line.erased)
    await insertRows(
      tx,
      job.projectId,
      work.id,
      kept.map(({ row }, at) => {
        const { externalId: _, groupId: __, rowHash: ___, ...same } = row
        return { ...same, number: made + at + 1 }
      }),
    )
    const position = read.at(-1)?.row.number ?? from
    const leftOut = { ...now[0]?.counts.leftOut }
    if (read.length > kept.length) leftOut.erased = (leftOut.erased ?? 0) + read.length - kept.length
    await tx.$client.query(
      `UPDATE dataset_versions SET row_count = row_count + $3, counts = counts || $4 WHERE project_id = $1 AND id = $2`,
      [job.projectId, work.id, kept.length, { position, leftOut }],
    )
    more = read.length === rowsPerChunk
    if (!more && made + kept.length === 0)
      throw new AmendError('conflict', 'All rows of this version were erased, so nothing follows it.')
    return { done: position }
  })
  return more
}

/** What was waived for a version holds for the same rows without some of them; anything else found is told, and holds nothing up. */
async function waiveAsBefore(job: RunningJob, work: FreezeWork, old: OldVersion): Promise<void> {
  await job.chunk(async tx => {
    await tx.$client.query(
      `UPDATE dataset_checks k SET waived_at = o.waived_at, waived_by = o.waived_by, waiver_content_id = o.waiver_content_id
       FROM dataset_checks o WHERE k.project_id = $1 AND k.version_id = $2 AND o.project_id = $1 AND o.version_id = $3
         AND o.name = k.name AND o.waived_at IS NOT NULL AND k.outcome = 'found'`,
      [job.projectId, work.id, old.id],
    )
    await tx.$client.query(
      `UPDATE dataset_checks SET level = 'warning' WHERE project_id = $1 AND version_id = $2 AND level = 'blocking'
         AND outcome = 'found' AND waived_at IS NULL`,
      [job.projectId, work.id],
    )
    return { done: old.rows }
  })
}
