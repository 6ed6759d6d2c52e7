import 'server-only'
import type { DraftBody } from '@/contract/v1/review'
import { getDb, type Transaction } from '@/db/client'
import { currentCode, firstSpecification } from '@/domain/specification'
import { readVersions, type Versions } from './find-specification'
import { lockEntries, returnEntries } from './return-entries'
import type { JobKind, RunningJob } from './run-job'
import { nextSentBack } from './specification-impact'
import { takeBackReturn } from './take-back-return'

const entriesPerChunk = 25

/** Ids and codes only. */
export interface SendBackPayload {
  mode: 'send-back' | 'take-back'
  /** The version of the specification that the change made. */
  version: number
  codes: string[]
  queues: string[]
  /** All events of one sending back carry it. */
  bulkId: string
  /** Who changed the specification, under their pseudonym. */
  actorId: string
}

/**
 * Has items judged again after a change of the specification, or takes that back. Each chunk sends some back under the
 * change's id, so that a worker that takes over goes on with those that still stand.
 */
export const sendBackJob: JobKind = {
  async run(job) {
    const payload = job.payload as unknown as SendBackPayload
    const work = payload.mode === 'send-back' ? await sending(job, payload) : takingBack(job, payload)
    const { rows } = await getDb().$client.query('SELECT done FROM jobs WHERE project_id = $1 AND id = $2', [
      job.projectId,
      job.id,
    ])
    let done: number = rows[0].done
    let left = 0
    let after = '00000000-0000-0000-0000-000000000000'
    for (let more = true; more; )
      await job.chunk(async tx => {
        const chunk = await work(tx, after)
        after = chunk.last ?? after
        more = chunk.last !== null
        done += chunk.moved
        left += chunk.left
        return {
          done,
          message: payload.mode === 'send-back' ? 'Sending items back' : 'Taking back what was sent back',
        }
      })
    return { moved: done, left }
  },
  async settle() {},
}

interface Chunk {
  moved: number
  /** Stay as they are: somebody waits for a reply, or has taken a place since. */
  left: number
  last: string | null
}
type Work = (tx: Transaction, after: string) => Promise<Chunk>

async function sending(job: RunningJob, payload: SendBackPayload): Promise<Work> {
  const { projectId } = job
  const versions = await readVersions(projectId)
  const note = await noteOf(projectId, payload.version)
  return async (tx, after) => {
    const reach = { projectId, ...payload }
    const ids = await nextSentBack(tx, versions, reach, { after, limit: entriesPerChunk })
    const { returned, passedOver } = await returnEntries(
      tx,
      { projectId, actorId: payload.actorId },
      { entryIds: ids, note, bulkId: payload.bulkId },
    )
    await readDraftsAnew(tx, projectId, versions, {
      version: payload.version,
      entryIds: returned.map(one => one.entryId),
    })
    return { moved: returned.length, left: passedOver.length, last: ids.at(-1) ?? null }
  }
}

/** What those read whose items come back. */
async function noteOf(projectId: string, version: number): Promise<string> {
  const { rows } = await getDb().$client.query<{ note: string | null }>(
    `SELECT c.body->>'note' AS note FROM specifications s JOIN contents c ON c.project_id = s.project_id AND c.id = s.content_id
     WHERE s.project_id = $1 AND s.version = $2`,
    [projectId, version],
  )
  const said = rows[0]?.note?.trim()
  return `The guideline is at version ${version} now. Please judge this again.${said ? ` ${said}` : ''}`
}

/** Answers that became drafts lose the codes that there are no more: the editor offers only those of today. */
async function readDraftsAnew(
  tx: Transaction,
  projectId: string,
  { schemas, readings }: Versions,
  { version, entryIds }: { version: number; entryIds: readonly string[] },
): Promise<void> {
  const known = (schemas.get(version) ?? firstSpecification).reasons.map(reason => reason.code)
  const { rows } = await tx.$client.query<{ entryId: string; actorId: string; body: DraftBody }>(
    `SELECT entry_id AS "entryId", actor_id AS "actorId", body FROM drafts WHERE project_id = $1 AND entry_id = ANY($2::uuid[])`,
    [projectId, entryIds],
  )
  for (const { entryId, actorId, body } of rows) {
    const verdicts = body.verdicts.map(verdict => {
      const read = verdict.reasons.map(code =>
        known.includes(code) ? code : currentCode(code, version - 1, version, readings),
      )
      return { ...verdict, reasons: [...new Set(read)].filter(code => code !== null && known.includes(code)) }
    })
    await tx.$client.query(
      `UPDATE drafts SET body = body || jsonb_build_object('verdicts', $4::jsonb) WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3`,
      [projectId, entryId, actorId, JSON.stringify(verdicts)],
    )
  }
}

function takingBack(job: RunningJob, { bulkId, actorId }: SendBackPayload): Work {
  const { projectId } = job
  return async (tx, after) => {
    const { rows } = await tx.$client.query<{ entryId: string; eventId: string }>(
      `SELECT r.entry_id AS "entryId", r.id AS "eventId" FROM review_events r
       WHERE r.project_id = $1 AND r.bulk_id = $2 AND r.type = 'returned' AND r.entry_id > $3
         AND NOT EXISTS (SELECT FROM review_events u WHERE u.project_id = $1 AND u.entry_id = r.entry_id AND u.target_event_id = r.id AND u.type = 'undone')
       ORDER BY r.entry_id LIMIT ${entriesPerChunk}`,
      [projectId, bulkId, after],
    )
    const locked = await lockEntries(
      tx,
      projectId,
      rows.map(row => row.entryId),
    )
    let moved = 0
    for (const one of locked) {
      const returned = rows.find(row => row.entryId === one.entry.id)
      if (returned && (await takeBackReturn(tx, { projectId, actorId }, one, returned.eventId)) === null)
        moved += 1
    }
    return { moved, left: rows.length - moved, last: rows.at(-1)?.entryId ?? null }
  }
}
