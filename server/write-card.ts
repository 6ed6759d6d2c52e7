import 'server-only'
import type { WriteCardBody, WrittenCard } from '@/contract/v1/dataset-card'
import { type Transaction, withTransaction } from '@/db/client'
import type { CardProse } from '@/domain/dataset-card'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { findDataset, findVersion } from './find-dataset'
import { newestCardSql, readCardProse } from './read-card-prose'
import { recordAction } from './record-action'
import { insertContents, newContent } from './store-content'

interface CardPlace {
  datasetId: string
  versionId: string | null
}

/**
 * Writes parts of a card: of the dataset where `wanted` is null, else of one version. What was written before stays
 * stored, so that it can be brought back.
 *
 * @throws AmendError not_found, already_done (it says this already)
 */
export async function writeCard(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string | null,
  parts: WriteCardBody,
): Promise<WrittenCard> {
  const dataset = await findDataset(scope, slugOrId)
  const version = wanted === null ? null : await findVersion(scope, dataset, wanted)
  const place = { datasetId: dataset.id, versionId: version?.id ?? null }
  const actionId = await withTransaction(async tx => {
    const now = await lockNewest(tx, scope.projectId, place)
    const body = Object.fromEntries(
      Object.entries({ ...now?.body, ...parts }).filter(([, text]) => text !== null && text !== undefined),
    ) as CardProse
    const changed = Object.keys(parts).filter(
      field => (body[field as keyof CardProse] ?? null) !== (now?.body?.[field as keyof CardProse] ?? null),
    )
    if (changed.length === 0)
      throw new AmendError('already_done', 'The card says this already. Nothing was changed.')
    const contentId = await storeCard(tx, scope.projectId, body)
    await append(tx, scope.projectId, place, contentId, scope)
    return recordAction(tx, scope, {
      kind: 'dataset-card.written',
      targetType: version ? 'dataset-version' : 'dataset',
      targetId: version?.id ?? dataset.id,
      before: { contentId: now?.contentId ?? null },
      after: { ...place, contentId, parts: changed },
    })
  })
  return { prose: await readCardProse(scope.projectId, place.datasetId, place.versionId), actionId }
}

/** Holds the dataset, so that two who write at once go one after the other. */
async function lockNewest(
  tx: Transaction,
  projectId: string,
  { datasetId, versionId }: CardPlace,
): Promise<{ contentId: string; body: CardProse | null } | null> {
  await tx.$client.query('SELECT FROM datasets WHERE project_id = $1 AND id = $2 FOR UPDATE', [
    projectId,
    datasetId,
  ])
  const { rows } = await tx.$client.query(newestCardSql, [projectId, datasetId, versionId])
  return rows[0] ?? null
}

async function storeCard(tx: Transaction, projectId: string, body: CardProse): Promise<string> {
  const content = newContent({ kind: 'card', actorId: null, itemId: null, body })
  await insertContents(tx, projectId, [content])
  return content.id
}

async function append(
  tx: Transaction,
  projectId: string,
  { datasetId, versionId }: CardPlace,
  contentId: string,
  by: ProjectScope,
): Promise<void> {
  await tx.$client.query(
    `INSERT INTO dataset_cards (project_id, dataset_id, version_id, content_id, created_by) VALUES ($1, $2, $3, $4, $5)`,
    [projectId, datasetId, versionId, contentId, by.caller.kind === 'person' ? by.caller.userId : null],
  )
}

/** Brings back what the card said before, as its newest text; nothing that was written is lost. */
export const writeCardBack: Compensator = {
  permission: 'datasets.manage',
  async undo(tx, action, by) {
    const { contentId, parts, ...place } = action.after as unknown as CardPlace & {
      contentId: string
      parts: string[]
    }
    const now = await lockNewest(tx, action.projectId, place)
    if (now?.contentId !== contentId)
      throw new AmendError('undo_blocked', 'The card was written again since. Undo that first.')
    const before = (action.before?.contentId as string | null) ?? null
    const back = before ?? (await storeCard(tx, action.projectId, {}))
    await append(tx, action.projectId, place, back, by)
    return {
      kind: 'dataset-card.written',
      targetType: place.versionId ? 'dataset-version' : 'dataset',
      targetId: place.versionId ?? place.datasetId,
      before: { contentId },
      after: { ...place, contentId: back, parts },
    }
  },
}
