import 'server-only'
import type { MadeDataset, MakeDatasetBody } from '@/contract/v1/datasets'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { checkSlug, proposeSlug } from '@/domain/project-slug'
import type { ProjectScope } from './access'
import { describeDataset } from './list-datasets'
import { checkSelection } from './preview-dataset'
import { recordAction } from './record-action'

/**
 * Saves a selection with its target and rules. Nothing is frozen yet.
 *
 * @throws AmendError invalid_input, conflict (the slug is taken)
 */
export async function makeDataset(scope: ProjectScope, wish: MakeDatasetBody): Promise<MadeDataset> {
  const { name, description, target, selection, rules, licence, consumers } = wish
  checkSelection(target, selection)
  if (wish.slug !== undefined) checkSlug(wish.slug)
  const { caller } = scope
  const made = await withTransaction(async tx => {
    const slug = wish.slug ?? (await freeSlug(tx, scope.projectId, name))
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO datasets (project_id, slug, name, description, target, selection, rules, created_by, licence, consumers)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (project_id, slug) DO NOTHING RETURNING id`,
      [
        scope.projectId,
        slug,
        name,
        description,
        target,
        selection,
        rules,
        caller.kind === 'person' ? caller.userId : null,
        licence,
        JSON.stringify(consumers),
      ],
    )
    const id = rows[0]?.id
    if (!id)
      throw new AmendError('conflict', `There is a dataset "${slug}" already. Choose another name or slug.`, {
        field: 'slug',
      })
    const actionId = await recordAction(tx, scope, {
      kind: 'dataset.made',
      targetType: 'dataset',
      targetId: id,
      after: { target },
    })
    return { id, actionId }
  })
  return { ...(await describeDataset(scope, made.id)), actionId: made.actionId }
}

async function freeSlug(
  tx: Parameters<Parameters<typeof withTransaction>[0]>[0],
  projectId: string,
  name: string,
): Promise<string> {
  const wanted = proposeSlug(name)
  const { rows } = await tx.$client.query<{ slug: string }>(
    `SELECT slug FROM datasets WHERE project_id = $1 AND (slug = $2 OR slug LIKE $2 || '-%')`,
    [projectId, wanted],
  )
  const taken = new Set(rows.map(row => row.slug))
  let slug = wanted
  for (let number = 2; taken.has(slug); number++) slug = `${wanted}-${number}`
  return slug
}
