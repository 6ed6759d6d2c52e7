import 'server-only'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'

/** What a dataset's selection and rules may name in this project. */
export interface DatasetChoices {
  queues: { id: string; label: string }[]
  /** Tags in use, by name; the first 200. */
  tags: string[]
  /** Slices that the newest exposures carry, by name. */
  slices: string[]
}

const mostNamed = 200
const exposuresLookedAt = 500

/** Queues, tags and slices by name, for whoever makes a dataset. */
export async function readDatasetChoices({ projectId }: ProjectScope): Promise<DatasetChoices> {
  const { rows } = await getDb().$client.query<DatasetChoices>(
    `WITH RECURSIVE tag(name) AS (
       (SELECT tag FROM item_tags WHERE project_id = $1 ORDER BY tag LIMIT 1)
       UNION ALL
       SELECT (SELECT t.tag FROM item_tags t WHERE t.project_id = $1 AND t.tag > tag.name ORDER BY t.tag LIMIT 1)
       FROM tag WHERE tag.name IS NOT NULL)
     SELECT coalesce((SELECT json_agg(json_build_object('id', q.id, 'label', q.name) ORDER BY q.name) FROM (
         SELECT id, name FROM queues WHERE project_id = $1 ORDER BY created_at DESC LIMIT ${mostNamed}) q), '[]') AS queues,
       coalesce((SELECT json_agg(name) FROM (SELECT name FROM tag WHERE name IS NOT NULL LIMIT ${mostNamed}) t), '[]') AS tags,
       coalesce((SELECT json_agg(DISTINCT s.name ORDER BY s.name) FROM (
         SELECT slice_attributes FROM exposures WHERE project_id = $1 ORDER BY id DESC LIMIT ${exposuresLookedAt}) e,
         jsonb_object_keys(CASE jsonb_typeof(e.slice_attributes) WHEN 'object' THEN e.slice_attributes ELSE '{}' END) s(name)), '[]') AS slices`,
    [projectId],
  )
  return rows[0] ?? { queues: [], tags: [], slices: [] }
}
