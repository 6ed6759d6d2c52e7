import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { ImportMapping } from '@/contract/v1/imports'
import { getDb, type Transaction } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { countRowsOf, type PictureRow } from '@/exchange/registry'
import { canonicalJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { extendSeries } from './extend-series'
import { importColumns, readImportRows, type StoredImport } from './find-import'
import { type MappedRow, mapBesides, mapRow, nameByContent, type RefusedRow } from './import-rows'
import { recordAction, startedBy } from './record-action'
import type { JobKind, Progress, RunningJob, StoredJob } from './run-job'
import { appendOutcomes, lockOutcomes, settleOutcomes } from './settle-outcomes'
import { dropStaged, openStaged } from './stage-file'
import { insertContents, newContent } from './store-content'
import { insertMedia, type StoredPicture, takePicture } from './store-media'

/**
 * One transaction with its position. More write so much at once that whoever commits meanwhile waits for it to reach the
 * disk: a row is about 10 KB of the database's log. Much fewer and the statements cost more than the rows.
 */
const rowsPerChunk = 250
const picturesPerChunk = 10
const rowsPerCountChunk = 50_000
/** Refused rows that are kept with their reason; beyond that they are only counted. */
const keptProblems = 10_000
/** Two who store the same external id at once: the later one looks again. */
const triesPerChunk = 4

interface Work extends StoredImport {
  projectId: string
  taskType: string
  timeZone: string
  mapping: ImportMapping
  startedAt: string
}

/** Brings the rows of a file in, chunk by chunk, each with its position in one transaction. */
export const importJob: JobKind = {
  async run(job) {
    const work = await findWork(job)
    const task = await loadTaskType(work.taskType)
    if (work.total === null) await countRows(job, work)
    let position = work.position
    let seen = 0
    let batch: (MappedRow | RefusedRow)[] = []
    const flush = async () => {
      if (batch.length === 0) return
      const rows = batch
      batch = []
      await storeChunk(job, work, rows, position)
      position += rows.length
    }
    for await (const row of readImportRows(job.projectId, work)) {
      if (seen++ < position) continue
      // A picture is unpacked here, while its archive stands at it.
      batch.push('picture' in row ? await mapPicture(work, task, row) : mapRow(work, task, work.mapping, row))
      if (batch.length >= ('picture' in row ? picturesPerChunk : rowsPerChunk)) await flush()
    }
    await flush()
    return { ...(await readCounts(job.projectId, work.id)) }
  },

  async settle(tx, job, end) {
    const { rows } = await tx.$client.query(
      `UPDATE imports SET state = $3, finished_at = amend.now() WHERE project_id = $1 AND id = $2 AND state = 'running'
       RETURNING stored, known, refused, started_by_user AS "userId", started_by_key AS "keyId",
         EXISTS (SELECT FROM imported_values v WHERE v.project_id = imports.project_id AND v.import_id = imports.id)
           OR EXISTS (SELECT FROM outcomes o WHERE o.project_id = imports.project_id AND o.batch_id = imports.id) AS said`,
      [job.projectId, importIdOf(job), end.state],
    )
    const settled = rows[0]
    // Nothing came in, so there is nothing to take back.
    if (!settled || (settled.stored === 0 && !settled.said)) return
    await goOn(tx, job.projectId, importIdOf(job))
    await recordAction(tx, startedBy(job.projectId, settled), {
      kind: 'import.done',
      targetType: 'import',
      targetId: importIdOf(job),
      after: { stored: settled.stored, known: settled.known, refused: settled.refused, ended: end.state },
    })
  },

  async after(job, end) {
    if (end.state !== 'done') return
    const { rows } = await getDb().$client.query(
      `SELECT content_hash FROM imports WHERE project_id = $1 AND id = $2`,
      [job.projectId, importIdOf(job)],
    )
    if (rows[0]) await dropStaged(job.projectId, rows[0].content_hash)
  },
}

const importIdOf = (job: StoredJob) => String(job.payload.importId)

async function findWork(job: RunningJob): Promise<Work> {
  const { rows } = await getDb().$client.query<Work>(
    `SELECT ${importColumns}, i.project_id AS "projectId", p.task_type AS "taskType", p.time_zone AS "timeZone", to_json(i.started_at)#>>'{}' AS "startedAt"
     FROM imports i JOIN projects p ON p.id = i.project_id WHERE i.project_id = $1 AND i.id = $2`,
    [job.projectId, importIdOf(job)],
  )
  if (!rows[0]) throw new Error('the import of this job is gone')
  return rows[0]
}

async function readCounts(projectId: string, importId: string) {
  const { rows } = await getDb().$client.query(
    `SELECT stored, known, refused, total FROM imports WHERE project_id = $1 AND id = $2`,
    [projectId, importId],
  )
  return rows[0]
}

/** Once, before the first row comes in, so that progress has an end. */
async function countRows(job: RunningJob, work: Work): Promise<void> {
  let rows = 0
  const tell = () =>
    job.chunk(async () => ({ done: 0, message: `Counting rows: ${rows.toLocaleString('en')}` }))
  const counted = await countRowsOf(
    work.format,
    await openStaged(job.projectId, work.contentHash),
    work.reading,
  )
  if (counted !== null) return setTotal(job, work, counted)
  await tell()
  for await (const _ of readImportRows(job.projectId, work))
    if (++rows % rowsPerCountChunk === 0) await tell()
  await setTotal(job, work, rows)
}

async function setTotal(job: RunningJob, work: Work, rows: number): Promise<void> {
  await job.chunk(async tx => {
    await tx.$client.query(`UPDATE imports SET total = $3 WHERE project_id = $1 AND id = $2`, [
      job.projectId,
      work.id,
      rows,
    ])
    return { done: 0, total: rows, message: 'Importing' }
  })
}

/** Stores a picture's files and makes an item of it, or says why it can't be one. */
async function mapPicture(work: Work, task: TaskType, row: PictureRow): Promise<MappedRow | RefusedRow> {
  const { line, picture } = row
  const refuse = (detail: string) => ({ line, problem: { field: picture.fileName, detail } })
  const besides = mapBesides(work.projectId, task, work.mapping, row)
  if ('problem' in besides) return refuse(`${besides.problem.field}: ${besides.problem.detail}`)
  try {
    const stored = await takePicture(work.projectId, await picture.open())
    const { id: mediaId, width, height, sha256 } = stored
    const payload = task.itemOfPicture?.({ mediaId, width, height, fileName: picture.fileName })
    const externalId = besides.externalId ?? nameByContent(work.projectId, { picture: sha256 })
    return { line, payload, ...besides, externalId, priority: null, receivedAt: null, picture: stored }
  } catch (error) {
    if (isAmendError(error)) return refuse(error.detail)
    // What the archive promises and what is in it differ: it was damaged, or made to mislead.
    if (isUnpackingError(error))
      return refuse('It can’t be unpacked, or is not of the size that the archive says.')
    throw error
  }
}

function isUnpackingError(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return (
    (code ?? '').startsWith('Z_') ||
    /too many bytes in the stream|not enough bytes in the stream|invalid local file header|checksum/i.test(
      message ?? '',
    )
  )
}

async function storeChunk(
  job: RunningJob,
  work: Work,
  mapped: readonly (MappedRow | RefusedRow)[],
  position: number,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await job.chunk(tx => storeRows(tx, work, mapped, position))
    } catch (error) {
      if ((error as { code?: string }).code !== '23505' || attempt >= triesPerChunk) throw error
    }
  }
}

async function storeRows(
  tx: Transaction,
  work: Work,
  mapped: readonly (MappedRow | RefusedRow)[],
  position: number,
): Promise<Progress> {
  const refused: RefusedRow[] = []
  const task = await loadTaskType(work.taskType)
  const named = new Map<string, MappedRow>()
  let known = 0
  for (const row of mapped) {
    if ('problem' in row) {
      refused.push(row)
      continue
    }
    const externalId = row.externalId ?? nameByContent(work.projectId, row.payload)
    const first = named.get(externalId)
    if (first) {
      if (task.numberOf && differ(first, row)) {
        refused.push({ line: row.line, problem: { field: 'value', detail: cameTwice } })
        continue
      }
      known++
      // The same item on another line: what is said of it there counts too.
      first.values.push(...row.values)
    } else named.set(externalId, row)
  }
  const { rows: there } = await tx.$client.query(
    `SELECT id, external_id AS "externalId", erased_at IS NOT NULL AS erased, owner_actor_id IS NOT NULL AS owned
     FROM items WHERE project_id = $1 AND external_id = ANY($2::text[])`,
    [work.projectId, [...named.keys()]],
  )
  const unwanted: StoredPicture[] = []
  const said: Said[] = []
  for (const { id, externalId, erased, owned } of there) {
    const row = named.get(externalId)
    named.delete(externalId)
    const refuse = (detail: string) => {
      refused.push({ line: row?.line ?? 0, problem: { field: 'externalId', detail } })
      if (row?.picture) unwanted.push(row.picture)
    }
    if (erased) refuse('The content of this item was erased. It is not brought back.')
    else if (owned) refuse('This id is taken by an item that somebody brought for themselves.')
    else {
      known++
      if (row) said.push({ itemId: id, row })
    }
  }
  said.push(...(await insertItems(tx, work, named)))
  if (task.numberOf) refused.push(...(await insertOutcomes(tx, work, said)))
  else await insertValues(tx, work, said)
  // Their files lie in the storage already, also of what was erased: refusing the row must not keep those.
  await insertMedia(tx.$client, work.projectId, unwanted, null, { unwanted: true })
  await insertProblems(tx, work, refused)
  const { rows: counts } = await tx.$client.query(
    `UPDATE imports SET position = $3, stored = stored + $4, known = known + $5, refused = refused + $6
     WHERE project_id = $1 AND id = $2 AND position = $7 RETURNING position`,
    [work.projectId, work.id, position + mapped.length, named.size, known, refused.length, position],
  )
  if (!counts[0]) throw new Error('the import stands elsewhere than this job thinks')
  return { done: counts[0].position }
}

async function insertItems(
  tx: Transaction,
  work: Work,
  named: ReadonlyMap<string, MappedRow>,
): Promise<Said[]> {
  if (named.size === 0) return []
  const items = [...named].map(([externalId, row]) => {
    const id = uuidv7()
    const content = newContent({ kind: 'item', actorId: null, itemId: id, body: row.payload })
    return { id, externalId, row, content }
  })
  await insertContents(
    tx,
    work.projectId,
    items.map(item => item.content),
  )
  // Lists are newest first: what the file has no time for keeps the file's order, and no item comes from the future.
  await tx.$client.query(
    `INSERT INTO items (project_id, id, external_id, group_id, content_id, input_hash, priority, licence, created_at)
     SELECT $1, id, external_id, group_id, content_id, input_hash, priority, licence,
       least(amend.now(), coalesce(received_at, $3::timestamptz - line * interval '1 microsecond'))
     FROM jsonb_to_recordset($2::jsonb) AS i(id uuid, external_id text, group_id text, content_id uuid, input_hash text,
       priority int, licence text, received_at timestamptz, line int)`,
    [
      work.projectId,
      JSON.stringify(
        items.map(({ id, externalId, row, content }) => ({
          id,
          external_id: externalId,
          group_id: row.groupId,
          priority: row.priority,
          licence: row.licence,
          content_id: content.id,
          input_hash: content.hash,
          received_at: row.receivedAt,
          line: row.line,
        })),
      ),
      work.startedAt,
    ],
  )
  const pictures = items.flatMap(({ id, row }) => (row.picture ? [{ itemId: id, picture: row.picture }] : []))
  if (pictures.length > 0) {
    await insertMedia(
      tx.$client,
      work.projectId,
      pictures.map(one => one.picture),
      null,
    )
    await tx.$client.query(
      `INSERT INTO item_media (project_id, item_id, media_id) SELECT $1, * FROM unnest($2::uuid[], $3::uuid[])`,
      [work.projectId, pictures.map(one => one.itemId), pictures.map(one => one.picture.id)],
    )
  }
  await tx.$client.query(
    `INSERT INTO import_rows (project_id, import_id, line, item_id) SELECT $1, $2, * FROM unnest($3::int[], $4::uuid[])`,
    [work.projectId, work.id, items.map(item => item.row.line), items.map(item => item.id)],
  )
  return items.map(({ id, row }) => ({ itemId: id, row }))
}

/** What a row says of an item: of one that it made, or of one that was there. */
interface Said {
  itemId: string
  row: MappedRow
}

const cameTwice = 'This one came on an earlier line with another outcome. Keep one of the two.'

/** Whether two rows of one file say different things of the same item. */
const differ = (first: MappedRow, row: MappedRow) => {
  const [a, b] = [first.values[0]?.value, row.values[0]?.value]
  return a !== undefined && b !== undefined && canonicalJson(a) !== canonicalJson(b)
}

/** Where the truth becomes known by itself, a value is the outcome: another file's may correct it, this one's may not. */
async function insertOutcomes(tx: Transaction, work: Work, said: readonly Said[]): Promise<RefusedRow[]> {
  const speaking = said.flatMap(({ itemId, row }) =>
    row.values[0] ? [{ itemId, line: row.line, value: row.values[0].value }] : [],
  )
  if (speaking.length === 0) return []
  await lockOutcomes(tx, work.projectId)
  const { rows } = await tx.$client.query<{ itemId: string; body: unknown; ours: boolean }>(
    `SELECT o.item_id AS "itemId", c.body, l.batch_id = $3 AS ours FROM item_outcomes o
     JOIN outcomes l ON l.project_id = o.project_id AND l.id = o.outcome_id
     JOIN contents c ON c.project_id = o.project_id AND c.id = o.content_id
     WHERE o.project_id = $1 AND o.item_id = ANY($2::uuid[])`,
    [work.projectId, speaking.map(one => one.itemId), work.id],
  )
  const standing = new Map(rows.map(row => [row.itemId, row]))
  const others = speaking.filter(({ itemId, value }) => {
    const row = standing.get(itemId)
    return !row || canonicalJson(row.body) !== canonicalJson(value)
  })
  const twice = others.filter(one => standing.get(one.itemId)?.ours)
  const fresh = others.filter(one => !standing.get(one.itemId)?.ours)
  await appendOutcomes(
    tx,
    work.projectId,
    { id: work.id, source: 'import', actorId: null, simulated: false },
    fresh,
  )
  await settleOutcomes(
    tx,
    work.projectId,
    fresh.map(one => one.itemId),
  )
  return twice.map(({ line }) => ({ line, problem: { field: 'value', detail: cameTwice } }))
}

/** Series that the file told of go on after their last known period; undoing the import takes those items along. */
async function goOn(tx: Transaction, projectId: string, importId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ series: string; taskType: string }>(
    `SELECT DISTINCT c.body->>'series' AS series, p.task_type AS "taskType" FROM outcomes o
     JOIN items i ON i.project_id = o.project_id AND i.id = o.item_id
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id AND c.body ? 'series'
     JOIN projects p ON p.id = o.project_id WHERE o.project_id = $1 AND o.batch_id = $2`,
    [projectId, importId],
  )
  if (!rows[0]) return
  const made = await extendSeries(
    tx,
    projectId,
    await loadTaskType(rows[0].taskType),
    rows.map(row => row.series),
  )
  await tx.$client.query(
    `INSERT INTO import_rows (project_id, import_id, line, item_id)
     SELECT $1, $2, (SELECT coalesce(max(line), 0) FROM import_rows WHERE project_id = $1 AND import_id = $2) + x.ord, x.id
     FROM unnest($3::uuid[]) WITH ORDINALITY AS x(id, ord)`,
    [projectId, importId, made],
  )
}

/** Values by item; one that the same person gave the same item before, in whatever file, is not kept twice. */
async function insertValues(tx: Transaction, work: Work, said: readonly Said[]): Promise<void> {
  const speaking = said.filter(({ row }) => row.values.length > 0)
  if (speaking.length === 0) return
  const keyOf = (itemId: string, annotator: string | null, value: unknown) =>
    `${itemId} ${annotator ?? ''} ${canonicalJson(value)}`
  const { rows: there } = await tx.$client.query(
    `SELECT v.item_id, v.annotator, c.body FROM imported_values v
     JOIN contents c ON c.project_id = v.project_id AND c.id = v.content_id AND c.body IS NOT NULL
     WHERE v.project_id = $1 AND v.item_id = ANY($2::uuid[])`,
    [work.projectId, speaking.map(({ itemId }) => itemId)],
  )
  const known = new Set(there.map(one => keyOf(one.item_id, one.annotator, one.body)))
  const fresh = speaking.flatMap(({ itemId, row }) =>
    row.values.flatMap(({ value, annotator }) => {
      const key = keyOf(itemId, annotator, value)
      if (known.has(key)) return []
      known.add(key)
      const content = newContent({ kind: 'imported', actorId: null, itemId, body: value })
      return [{ itemId, line: row.line, annotator, split: row.split, content }]
    }),
  )
  await insertContents(
    tx,
    work.projectId,
    fresh.map(one => one.content),
  )
  await tx.$client.query(
    `INSERT INTO imported_values (project_id, import_id, line, item_id, content_id, annotator, split)
     SELECT $1, $2, * FROM unnest($3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::text[])`,
    [
      work.projectId,
      work.id,
      fresh.map(one => one.line),
      fresh.map(one => one.itemId),
      fresh.map(one => one.content.id),
      fresh.map(one => one.annotator),
      fresh.map(one => one.split),
    ],
  )
}

async function insertProblems(tx: Transaction, work: Work, refused: readonly RefusedRow[]): Promise<void> {
  if (refused.length === 0) return
  await tx.$client.query(
    `INSERT INTO import_errors (project_id, import_id, line, field, detail)
     SELECT $1, $2, x.* FROM unnest($3::int[], $4::text[], $5::text[]) AS x
     WHERE (SELECT refused FROM imports WHERE project_id = $1 AND id = $2) < $6`,
    [
      work.projectId,
      work.id,
      refused.map(row => row.line),
      refused.map(row => row.problem.field),
      refused.map(row => row.problem.detail),
      keptProblems,
    ],
  )
}
