import 'server-only'
import { getDb } from '@/db/client'
import { parseProjectSettings } from '@/domain/project-settings'

/**
 * How offers are to be divided between shown and held back, 0–1 each, as the settings have it; empty where nothing is
 * held back, or where the share changed in the days that are looked at. A canary is drawn by person and checked with it.
 */
export async function plannedArms(projectId: string, days: number): Promise<Record<string, number>> {
  const { rows } = await getDb().$client.query<{ settings: unknown; changed: boolean }>(
    `SELECT p.settings, EXISTS (SELECT FROM actions a WHERE a.project_id = p.id AND a.kind = 'settings.changed' AND a.after ? 'serving.holdbackShare'
       AND a.created_at > amend.now() - $2 * interval '1 day') AS changed
     FROM projects p WHERE p.id = $1`,
    [projectId, days],
  )
  const { serving } = parseProjectSettings(rows[0]?.settings)
  if (!rows[0] || rows[0].changed || serving.holdbackShare === 0) return {}
  return { shown: 1 - serving.holdbackShare, holdback: serving.holdbackShare }
}
