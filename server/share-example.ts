import 'server-only'
import type { z } from 'zod'
import type { ShareExampleAnswer, shareExampleBody } from '@/contract/v1/learning'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { hasPlaceholder, withoutPlaceholders } from '@/domain/learning'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { lockExposures } from './append-events'
import { normalHash } from './learned-examples'
import {
  maySpread,
  readSource,
  redactedInput,
  redactedValue,
  spreadingFrom,
  storeShared,
} from './settle-sharing'

/** A text that hundreds wrote stands on these of them. */
const mostOrigins = 200

/**
 * Shares what somebody taught with everybody in the project, in the words that a curator approved. Undoable.
 *
 * @throws AmendError not_found, invalid_input (something is still missing in the text), already_done
 */
export async function shareExample(
  scope: ProjectScope,
  body: z.output<typeof shareExampleBody>,
): Promise<ShareExampleAnswer> {
  const task = await loadTaskType(scope.project.taskType)
  const { projectId } = scope
  return withTransaction(async tx => {
    // Whoever takes it back at the same moment waits, or has done so before the words are read.
    await lockExposures(tx, projectId, [body.exposureId])
    const source = await readSource(tx, projectId, body.exposureId)
    if (!source)
      throw new AmendError(
        'not_found',
        'This was taken back or erased, or the person does not share what they teach.',
        { field: 'exposureId' },
      )
    const hash = normalHash(projectId, task.textOf(source.value))
    await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1 || $2, 0))', [projectId, hash])
    const { rows: known } = await tx.$client.query(
      `SELECT 1 FROM shared_examples WHERE project_id = $1 AND normal_hash = $2 AND state = 'active' LIMIT 1`,
      [projectId, hash],
    )
    if (known[0]) throw new AmendError('already_done', 'This is shared already.')
    const text = body.text ?? (await redactedValue(source)).text
    if (hasPlaceholder(text))
      throw new AmendError(
        'invalid_input',
        'text: write it so that it can be sent as it stands; something was taken out of it.',
        { field: 'text' },
      )
    if (!task.valueSchema.safeParse({ text }).success)
      throw new AmendError('invalid_input', 'text: does not fit the task.', { field: 'text' })
    const input = task.mediaOf ? '' : (body.input ?? (await redactedInput(source)))
    if (!task.mediaOf && withoutPlaceholders(input) === '')
      throw new AmendError('invalid_input', 'input: nothing is left to compare messages with.', {
        field: 'input',
      })
    const { rows: origins } = await tx.$client.query<{ id: string }>(
      `SELECT l.exposure_id AS id FROM ${spreadingFrom}
       WHERE l.project_id = $1 AND l.normal_hash = $2 AND l.exposure_id <> $3 AND ${maySpread} ORDER BY l.learned_at LIMIT $4`,
      [projectId, hash, source.exposureId, mostOrigins - 1],
    )
    return storeShared(tx, projectId, {
      source: 'curator',
      hash,
      exposureIds: [source.exposureId, ...origins.map(o => o.id)],
      from: source,
      input,
      value: text,
      by: scope,
    })
  })
}
