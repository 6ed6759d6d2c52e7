import 'server-only'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { StoredDataset } from './find-dataset'

/**
 * Who takes a version: the one that was named, or the only one that the dataset declares.
 *
 * @throws AmendError conflict (none is declared, or nobody was named of several), invalid_input (not declared)
 */
export function nameConsumer(
  { consumers, name }: Pick<StoredDataset, 'consumers' | 'name'>,
  named: string | undefined,
): string {
  const names = consumers.map(one => one.name)
  if (names.length === 0)
    throw new AmendError(
      'conflict',
      `“${name}” declares no consumer, so nobody can say yet where a version goes. Add one to the dataset, as {"consumers": [{"name": "Reply training", "purpose": "training"}]}, and download again.`,
    )
  if (named === undefined) {
    if (names.length > 1)
      throw new AmendError(
        'conflict',
        `“${name}” has ${names.length} consumers. Say for whom this is: consumer=${names.join(', or consumer=')}.`,
        { field: 'consumer' },
      )
    return names[0] ?? ''
  }
  if (!names.includes(named))
    throw new AmendError(
      'invalid_input',
      `consumer: “${name}” declares ${names.join(', ')}. Name one of them, or add this one to the dataset first.`,
      { field: 'consumer' },
    )
  return named
}

/** Notes that a version goes to a consumer: once a download, when it begins. */
export async function noteDownload(
  scope: ProjectScope,
  versionId: string,
  { consumer, format }: { consumer: string; format: string },
): Promise<void> {
  const { caller } = scope
  await getDb().$client.query(
    `INSERT INTO dataset_downloads (project_id, id, version_id, consumer, format, user_id, key_id)
     VALUES ($1, uuidv7(), $2, $3, $4, $5, $6)`,
    [
      scope.projectId,
      versionId,
      consumer,
      format,
      caller.kind === 'person' ? caller.userId : null,
      caller.kind === 'key' ? caller.keyId : null,
    ],
  )
}
