import 'server-only'
import { getDb } from '@/db/client'

const keptHours = 24
const keptRows = 5_000

/** Forgets what arrived a day ago, and of a busy project all but the newest. Returns how much it was. */
export async function forgetArrivals(): Promise<number> {
  const { rowCount } = await getDb().$client.query(
    `WITH RECURSIVE p AS (
       (SELECT project_id FROM arrivals ORDER BY project_id LIMIT 1)
       UNION ALL
       SELECT (SELECT project_id FROM arrivals a WHERE a.project_id > p.project_id ORDER BY project_id LIMIT 1)
       FROM p WHERE p.project_id IS NOT NULL),
     bounds AS (
       SELECT p.project_id, greatest(amend.now() - make_interval(hours => $1),
         (SELECT a.at FROM arrivals a WHERE a.project_id = p.project_id ORDER BY a.at DESC, a.id DESC OFFSET $2 LIMIT 1)) AS until
       FROM p WHERE p.project_id IS NOT NULL)
     DELETE FROM arrivals a USING bounds b WHERE a.project_id = b.project_id AND a.at <= b.until`,
    [keptHours, keptRows],
  )
  return rowCount ?? 0
}
