import 'server-only'
import type { ReviewImpact } from '@/contract/v1/context'
import { getDb, statementName } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { projectEntry, readEntries } from './review-log'

const restsSql = `
  SELECT e.id AS entry_id,
    (SELECT json_agg(json_build_object('name', d.name, 'number', v.number, 'state', v.state) ORDER BY d.name, v.number)
      FROM (SELECT DISTINCT r.version_id FROM dataset_rows r WHERE r.project_id = $1 AND r.entry_id = e.id) r
      JOIN dataset_versions v ON v.project_id = $1 AND v.id = r.version_id AND v.state IN ('freezing', 'frozen')
      JOIN datasets d ON d.project_id = $1 AND d.id = v.dataset_id) AS versions,
    (SELECT json_agg(DISTINCT jsonb_build_object('name', m.name, 'version', mv.version))
      FROM answers a JOIN training_rows t ON t.project_id = $1 AND t.value_content_id = a.content_id AND t.withdrawn_at IS NULL
      JOIN model_versions mv ON mv.project_id = $1 AND mv.id = t.model_version_id
      JOIN models m ON m.project_id = $1 AND m.id = mv.model_id
      WHERE a.project_id = $1 AND a.entry_id = e.id AND a.content_id IS NOT NULL) AS models,
    (SELECT count(*) FROM precedents p WHERE p.project_id = $1 AND p.entry_id = e.id AND p.withdrawn_at IS NULL) AS precedents
  FROM unnest($2::uuid[]) AS e(id)`

/** Sentences on what rests on the resolutions of entries, beyond that the item is settled; by entry, none where nothing does. */
export async function readRests(
  projectId: string,
  entryIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (entryIds.length === 0) return new Map()
  const { rows } = await getDb().$client.query({
    name: statementName('review-rests'),
    text: restsSql,
    values: [projectId, entryIds],
  })
  return new Map(
    rows.map(row => {
      const versions = (row.versions ?? []) as { name: string; number: number }[]
      const models = (row.models ?? []) as { name: string; version: string }[]
      return [
        row.entry_id as string,
        [
          ...versions.map(
            ({ name, number }) =>
              `It is in version ${number} of “${name}”, which stays as it is and is marked as overtaken.`,
          ),
          ...models.map(({ name, version }) => `${name} ${version} learned from it.`),
          ...(Number(row.precedents) > 0
            ? ['A precedent was made of it, which nobody is shown any more until a curator shows it again.']
            : []),
        ],
      ]
    }),
  )
}

/** What rests on an answer, said before it is undone: to its author and to curators. @throws AmendError not_found */
export async function readReviewImpact(scope: ProjectScope, eventId: string): Promise<ReviewImpact> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(
    `SELECT entry_id, actor_id FROM review_events WHERE project_id = $1 AND id = $2 AND type IN ('submitted', 'compared', 'skipped', 'flagged', 'asked')`,
    [scope.projectId, eventId],
  )
  const [event] = rows
  const [entry] =
    event && (event.actor_id === actor.id || scope.can('queues.manage'))
      ? await readEntries(getDb(), scope.projectId, [event.entry_id])
      : []
  if (!entry) throw new AmendError('not_found', 'There is no such event, or it is not yours.')
  // An item with a known truth answers as all do.
  const { resolution } = projectEntry({ ...entry, kind: 'review' }).folded
  if (!resolution?.answerEventIds.includes(eventId)) return { eventId, restsOnIt: [] }
  const rests = (await readRests(scope.projectId, [entry.id])).get(entry.id) ?? []
  return { eventId, restsOnIt: ['It settled the item, which would be open again.', ...rests] }
}
