import 'server-only'
import { getDb } from '@/db/client'
import { proseFields } from '@/domain/card-words'
import type { CardProse, DatasetCard } from '@/domain/dataset-card'

/** The newest content of a card: of a dataset where the version is null, else of that version alone. */
export const newestCardSql = `
  SELECT k.id, k.content_id AS "contentId", c.body FROM dataset_cards k
  JOIN contents c ON c.project_id = k.project_id AND c.id = k.content_id
  WHERE k.project_id = $1 AND k.dataset_id = $2 AND k.version_id IS NOT DISTINCT FROM $3
  ORDER BY k.created_at DESC, k.id DESC LIMIT 1`

/** What people wrote on a card: what a version says goes before what its dataset says, part by part. */
export async function readCardProse(
  projectId: string,
  datasetId: string,
  versionId: string | null,
): Promise<DatasetCard['prose']> {
  const newest = async (id: string | null): Promise<CardProse> => {
    const { rows } = await getDb().$client.query<{ body: CardProse | null }>(newestCardSql, [
      projectId,
      datasetId,
      id,
    ])
    return rows[0]?.body ?? {}
  }
  const [ofDataset, ofVersion] = await Promise.all([newest(null), versionId ? newest(versionId) : {}])
  return Object.fromEntries(
    proseFields.map(field => {
      const own = (ofVersion as CardProse)[field] ?? null
      const common = ofDataset[field] ?? null
      return [
        field,
        own !== null
          ? { text: own, of: 'version' }
          : { text: common ?? '', of: common === null ? null : 'dataset' },
      ]
    }),
  ) as DatasetCard['prose']
}
