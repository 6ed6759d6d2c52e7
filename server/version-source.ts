import 'server-only'
import { getDb } from '@/db/client'
import { cardMarkdown } from '@/domain/dataset-card'
import { AmendError } from '@/domain/errors'
import type { VersionPicture, VersionSource } from '@/exchange/registry'
import { getStorage, mediaKey } from '@/platform/storage'
import type { ProjectScope } from './access'
import { describeCard } from './describe-card'
import type { FoundVersion, StoredDataset } from './find-dataset'
import { readVersion } from './version-lines'

/** A frozen version as the formats read it: its facts, its rows as often as they ask, and its pictures. */
export async function openVersionSource(
  scope: ProjectScope,
  dataset: StoredDataset,
  version: FoundVersion,
  { withCard }: { withCard: boolean },
): Promise<VersionSource> {
  const { projectId, project } = scope
  const card = withCard ? cardMarkdown(await describeCard(scope, dataset.slug, String(version.number))) : ''
  return {
    facts: {
      project: project.slug,
      projectName: project.name,
      dataset: dataset.slug,
      name: dataset.name,
      description: dataset.description,
      target: dataset.target,
      number: version.number,
      licence: dataset.licence,
      frozenAt: version.frozenAt ?? '',
      contentSha256: version.contentSha256 ?? '',
      rowsHash: version.rowsHash ?? '',
      rows: version.rows,
      splits: version.splits,
      card: card.replace(/^---\n[\s\S]*?\n---\n/, ''),
    },
    async *rows(split) {
      for await (const read of readVersion(projectId, version.id)) {
        const lines = read.map(one => one.line).filter(line => split === undefined || line.split === split)
        if (lines.length > 0) yield lines
      }
    },
    pictures: ids => readPictures(projectId, ids),
  }
}

async function readPictures(
  projectId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, VersionPicture>> {
  const { rows } = await getDb().$client.query<{
    id: string
    contentType: string
    sha256: string
    bytes: number
    width: number
    height: number
  }>(
    `SELECT id, content_type AS "contentType", sha256, bytes, width, height FROM media
     WHERE project_id = $1 AND id = ANY($2::uuid[]) AND erased_at IS NULL AND sha256 IS NOT NULL`,
    [projectId, ids],
  )
  return new Map(
    rows.map(({ id, contentType, sha256, bytes, width, height }) => [
      id,
      {
        fileName: `${id}.${contentType.split('/')[1] ?? 'bin'}`,
        bytes,
        width,
        height,
        open: async () => {
          const file = await getStorage().get(mediaKey(projectId, sha256))
          if (!file)
            throw new AmendError('not_found', 'A picture of this version is not in the storage any more.')
          return file
        },
      },
    ]),
  )
}
