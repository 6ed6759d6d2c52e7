import 'server-only'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { stageKinds } from './stage-changes'

/** Something that a chart names and dates. */
export interface Mark {
  day: string
  label: string
  kind: 'promotion' | 'guardrail' | 'pause' | 'alert'
}

const most = 12

/** Promotions, guardrails that changed, pauses and alerts since a day, oldest first; of very many the newest. */
export async function listMarks({ projectId, project }: ProjectScope, from: string): Promise<Mark[]> {
  const { rows } = await getDb().$client.query<Mark>(
    `SELECT * FROM (
       SELECT (a.created_at AT TIME ZONE $3)::date::text AS day, a.created_at AS at,
         CASE a.kind WHEN $4 THEN coalesce((SELECT v.version || ' live' FROM model_versions v WHERE v.project_id = a.project_id
             AND v.id::text = (SELECT key FROM jsonb_each_text(a.after->'stages') WHERE value = 'live' LIMIT 1)), 'nothing live')
           WHEN 'suggestions.paused' THEN 'paused' ELSE 'guardrails' END AS label,
         CASE a.kind WHEN $4 THEN 'promotion' WHEN 'suggestions.paused' THEN 'pause' ELSE 'guardrail' END AS kind
       FROM actions a WHERE a.project_id = $1 AND a.created_at >= ($2::date)::timestamp AT TIME ZONE $3
         AND (a.kind IN ($4, 'suggestions.paused') OR (a.kind = 'settings.changed' AND EXISTS (SELECT FROM jsonb_object_keys(a.after) k WHERE k LIKE 'guardrails.%')))
       UNION ALL
       SELECT coalesce(evidence->>'windowFrom', (created_at AT TIME ZONE $3)::date::text), created_at, 'alert', 'alert' FROM alerts
       WHERE project_id = $1 AND state = 'firing' AND kind = 'acceptance' AND coalesce(evidence->>'windowFrom', (created_at AT TIME ZONE $3)::date::text) >= ($2::date)::text
       ORDER BY at DESC LIMIT ${most}) x ORDER BY day`,
    [projectId, from, project.timeZone, stageKinds.live],
  )
  return rows.map(({ day, label, kind }) => ({ day, label, kind }))
}
