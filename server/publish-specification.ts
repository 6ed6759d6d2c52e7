import 'server-only'
import { randomUUID } from 'node:crypto'
import type { ChangedSpecification, ChangeSpecificationBody } from '@/contract/v1/specification'
import { type Database, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import {
  firstSpecification,
  misreadCode,
  reasonChanges,
  type SpecificationSchema,
} from '@/domain/specification'
import type { ProjectScope } from './access'
import type { DoneAction } from './compensators'
import { findActor } from './find-actor'
import { readVersions, type Versions } from './find-specification'
import { enqueueJob } from './job-queue'
import { recordAction } from './record-action'
import type { SendBackPayload } from './run-send-back'
import { countSentBack } from './specification-impact'
import { insertContents, newContent } from './store-content'

/** What history keeps of a change: numbers, codes and ids. */
interface PublishedFacts {
  version: number
  restores?: number
  added?: number
  removed?: number
  /** The items that it sent back carry this. */
  bulkId?: string
  codes?: string[]
  queues?: string[]
  /** What this one takes back of an earlier change. */
  takesBack?: { bulkId: string; codes: string[]; queues: string[] }
  jobId?: string
}

const invalid = (field: string, detail: string) =>
  new AmendError('invalid_input', `${field}: ${detail}.`, { field })

/**
 * What a change is measured against, checked.
 *
 * @throws AmendError conflict (another version since), invalid_input, already_done (nothing changed)
 */
export async function checkChange(
  db: Pick<Database | Transaction, '$client'>,
  scope: ProjectScope,
  { base, markdown, schema, mapping, sendBack }: ChangeSpecificationBody,
  { mapped }: { mapped: boolean },
): Promise<{ versions: Versions; before: SpecificationSchema; guidelineChanged: boolean }> {
  const versions = await readVersions(scope.projectId, db)
  if (versions.current !== base)
    throw new AmendError(
      'conflict',
      `The guideline is at version ${versions.current} by now. Your text is kept here: look at what changed, then publish again.`,
      { field: 'base' },
    )
  const before = versions.schemas.get(base) ?? firstSpecification
  const misread = mapped ? misreadCode(before, schema, mapping) : null
  if (misread) throw invalid(`mapping.${misread.code}`, misread.detail)
  const changes = reasonChanges(before, schema)
  const staying = sendBack.codes.find(code => !changes.removed.some(reason => reason.code === code))
  if (staying) throw invalid('sendBack.codes', `“${staying}” is not removed`)
  const { rows } = await db.$client.query(
    `SELECT (SELECT count(*)::int FROM queues WHERE project_id = $1 AND id = ANY($2::uuid[])) AS queues,
       (SELECT c.body->>'markdown' FROM specifications s JOIN contents c ON c.project_id = s.project_id AND c.id = s.content_id
        WHERE s.project_id = $1 AND s.version = $3) AS markdown`,
    [scope.projectId, sendBack.queues, base],
  )
  if (rows[0].queues < new Set(sendBack.queues).size)
    throw invalid('sendBack.queues', 'there is no such queue')
  const guidelineChanged = (rows[0].markdown ?? '') !== markdown
  const { added, removed, renamed, reordered } = changes
  if (mapped && !guidelineChanged && !reordered && added.length + removed.length + renamed.length === 0)
    throw new AmendError(
      'already_done',
      'The guideline and its reasons are like this already. Nothing was published.',
    )
  return { versions, before, guidelineChanged }
}

/** Two who publish at once: the second waits, and then finds another version than it edited. */
async function lockSpecification(tx: Transaction, projectId: string): Promise<void> {
  await tx.$client.query(`SELECT pg_advisory_xact_lock(hashtextextended('specification ' || $1, 0))`, [
    projectId,
  ])
}

async function insertVersion(
  tx: Transaction,
  scope: ProjectScope,
  version: number,
  made: {
    markdown: string
    note: string
    schema: SpecificationSchema
    mapping: Record<string, string | null>
    restores: number | null
  },
): Promise<void> {
  // The project's own words: they stay when whoever wrote them leaves.
  const content = newContent({
    kind: 'guideline',
    actorId: null,
    itemId: null,
    body: { markdown: made.markdown, note: made.note },
  })
  await insertContents(tx, scope.projectId, [content])
  await tx.$client.query(
    `INSERT INTO specifications (project_id, version, content_id, schema, mapping, restores, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      scope.projectId,
      version,
      content.id,
      made.schema,
      made.mapping,
      made.restores,
      scope.caller.kind === 'person' ? scope.caller.userId : null,
    ],
  )
}

/**
 * Publishes the next version, and has the items judged again that its author chose: as a job, under one id by which all
 * of it is taken back. Stored answers keep the codes and the version that they were given under.
 *
 * @throws AmendError conflict (another version since), invalid_input, already_done
 */
export async function publishSpecification(
  scope: ProjectScope,
  body: ChangeSpecificationBody,
): Promise<ChangedSpecification> {
  const actor = await findActor(scope)
  return withTransaction(async tx => {
    await lockSpecification(tx, scope.projectId)
    const { versions, before } = await checkChange(tx, scope, body, { mapped: true })
    const version = versions.current + 1
    await insertVersion(tx, scope, version, { ...body, restores: null })
    const changes = reasonChanges(before, body.schema)
    const facts: PublishedFacts = {
      version,
      added: changes.added.length,
      removed: changes.removed.length,
      ...(await sendBack(tx, scope, actor.id, { version, ...body.sendBack })),
    }
    const actionId = await recordAction(tx, scope, {
      kind: 'specification.published',
      targetType: 'specification',
      targetId: String(version),
      before: { version: versions.current },
      after: { ...facts },
    })
    return { version, actionId, jobId: facts.jobId ?? null }
  })
}

async function sendBack(
  tx: Transaction,
  { projectId }: ProjectScope,
  actorId: string,
  chosen: { version: number; codes: string[]; queues: string[] },
): Promise<Partial<PublishedFacts>> {
  const { version, codes, queues } = chosen
  if (codes.length + queues.length === 0) return {}
  const { items } = await countSentBack(tx, await readVersions(projectId, tx), { projectId, ...chosen })
  if (items === 0) return {}
  const bulkId = randomUUID()
  const payload: SendBackPayload = { mode: 'send-back', version, codes, queues, bulkId, actorId }
  const jobId = await enqueueJob(tx, projectId, { kind: 'send-back', payload: { ...payload }, total: items })
  return { bulkId, codes, queues, jobId }
}

async function takeBack(
  tx: Transaction,
  { projectId }: ProjectScope,
  actorId: string,
  version: number,
  { bulkId, codes = [], queues = [], jobId }: PublishedFacts,
): Promise<Partial<PublishedFacts>> {
  if (!bulkId) return {}
  // Its next chunk waits for this row, and then sends nothing more back.
  await tx.$client.query(
    `UPDATE jobs SET cancel_requested = true WHERE project_id = $1 AND id = $2 AND state IN ('queued', 'running')`,
    [projectId, jobId],
  )
  const payload: SendBackPayload = { mode: 'take-back', version, codes, queues, bulkId, actorId }
  return {
    takesBack: { bulkId, codes, queues },
    jobId: await enqueueJob(tx, projectId, { kind: 'send-back', payload: { ...payload } }),
  }
}

/**
 * Undo of a published version, and redo: publishes the former content as the next version, takes back the sending back
 * of items where that is still possible, or does it again.
 */
export async function restoreSpecification(tx: Transaction, action: DoneAction, scope: ProjectScope) {
  const after = action.after as unknown as PublishedFacts
  const back = (action.before as unknown as PublishedFacts).version
  const actor = await findActor(scope)
  await lockSpecification(tx, scope.projectId)
  const versions = await readVersions(scope.projectId, tx)
  if (versions.current !== after.version)
    throw new AmendError(
      'undo_blocked',
      `Version ${versions.current} of the guideline was published since. Undo that first, or publish the former words by hand.`,
    )
  const version = versions.current + 1
  const schema = versions.schemas.get(back) ?? firstSpecification
  const { rows } = await tx.$client.query(
    `SELECT c.body->>'markdown' AS markdown, s.mapping FROM specifications s
     JOIN contents c ON c.project_id = s.project_id AND c.id = s.content_id WHERE s.project_id = $1 AND s.version = $2`,
    [scope.projectId, back],
  )
  const { removed } = reasonChanges(versions.schemas.get(versions.current) ?? firstSpecification, schema)
  // What was said under the version that goes: as the one that comes back read it, where it did.
  const mapping = Object.fromEntries(removed.map(({ code }) => [code, rows[0]?.mapping[code] ?? null]))
  await insertVersion(tx, scope, version, {
    markdown: rows[0]?.markdown ?? '',
    note: '',
    schema,
    mapping,
    restores: back,
  })
  const moved = after.takesBack
    ? await sendBack(tx, scope, actor.id, {
        version,
        codes: after.takesBack.codes,
        queues: after.takesBack.queues,
      })
    : await takeBack(tx, scope, actor.id, version, after)
  const facts: PublishedFacts = { version, restores: back, ...moved }
  return {
    kind: 'specification.published',
    targetType: 'specification',
    targetId: String(version),
    before: { version: after.version },
    after: { ...facts },
  }
}
