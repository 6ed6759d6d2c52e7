import 'server-only'
import { getDb } from '@/db/client'
import { toMicros } from '@/db/instants'
import type { DatasetRules } from '@/domain/dataset'
import type { VersionCounts } from '@/domain/dataset-words'
import type { PlaceRules } from '@/domain/place-rows'
import { microsOf } from './place-facts'

/**
 * Where time parts the splits, as far as it is known before the rows are: by the days that the rules name, else as the
 * newest frozen version of the dataset had it, so that what was test by time stays later than what was not.
 */
export async function findCuts(
  projectId: string,
  datasetId: string | null,
  rules: DatasetRules,
  timeZone: string,
): Promise<PlaceRules['cuts']> {
  if (rules.splitBy === 'group') return { validationFrom: null, testFrom: null }
  const begins = (day: string) => `${toMicros(`((${day}::date)::timestamp AT TIME ZONE $5)`)}::text`
  const { rows } = await getDb().$client.query<{
    validationFrom: string | null
    testFrom: string | null
    kept: VersionCounts['cuts'] | null
  }>(
    `SELECT ${begins('$3')} AS "validationFrom", ${begins('$4')} AS "testFrom",
       (SELECT v.counts->'cuts' FROM dataset_versions v WHERE v.project_id = $1 AND v.dataset_id = $2 AND v.state = 'frozen'
          AND v.counts ? 'cuts' ORDER BY v.number DESC LIMIT 1) AS kept`,
    [projectId, datasetId, rules.validationFrom ?? null, rules.testFrom ?? null, timeZone],
  )
  const found = rows[0]
  const cut = (said: string | null | undefined, kept: string | undefined) =>
    said ? Number(said) : kept ? microsOf(kept) : null
  return {
    validationFrom: cut(found?.validationFrom, found?.kept?.validationFrom),
    testFrom: cut(found?.testFrom, found?.kept?.testFrom),
  }
}
