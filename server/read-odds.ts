import 'server-only'
import type { OddsView } from '@/contract/v1/monitors'
import { getDb } from '@/db/client'
import { type Confusion, oddsGap } from '@/domain/fairness'
import { wilson } from '@/domain/interval'
import { parseProjectSettings } from '@/domain/project-settings'
import { savedKey } from '@/domain/saved-slice'
import type { ProjectScope } from './access'
import { groupRows } from './monitor-counts'

/** Of each attribute the values with the most rows. */
const mostValues = 12

interface Measured {
  evaluation: string
  version: string
  dataset: string
  split: string
  at: string
}

interface Group extends Confusion {
  attribute: string
  value: string
}

/**
 * Equalised odds of a version, from the rows of its newest evaluation: what would be shown under the guardrails of today
 * against what was right, by each value of an attribute beside all else with that attribute.
 */
export async function readOdds(scope: ProjectScope, version?: string): Promise<OddsView> {
  const { confidenceThreshold: threshold } = parseProjectSettings(scope.project.settings).guardrails
  const pool = getDb().$client
  const { rows: found } = await pool.query<Measured>(
    `SELECT e.id AS evaluation, m.name || ' ' || v.version AS version, d.name || '@' || dv.number AS dataset, e.split, to_json(e.done_at)#>>'{}' AS at
     FROM model_versions v
     JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     JOIN evaluations e ON e.project_id = v.project_id AND e.model_version_id = v.id AND e.state = 'done' AND e.kind = 'measure'
     JOIN dataset_versions dv ON dv.project_id = e.project_id AND dv.id = e.dataset_version_id
     JOIN datasets d ON d.project_id = dv.project_id AND d.id = dv.dataset_id
     WHERE v.project_id = $1 AND CASE WHEN $2::uuid IS NULL THEN v.stage = 'live' ELSE v.id = $2 END
     ORDER BY e.id DESC LIMIT 1`,
    [scope.projectId, version ?? null],
  )
  const [measured] = found
  if (!measured) return { measured: null, threshold, groups: [] }
  const { rows: groups } = await pool.query<Group>(
    `WITH r AS MATERIALIZED (
       SELECT slices, "right", outcome = 'answered' AND coalesce(top_confidence, 1) >= $3 AND cardinality(unsafe) = 0 AS shown
       FROM evaluation_rows WHERE project_id = $1 AND evaluation_id = $2 AND perturbation = '' AND "right" IS NOT NULL)
     SELECT '' AS attribute, '' AS value, ${confusion} FROM r
     UNION ALL
     SELECT x.key, x.value #>> '{}', ${confusion} FROM r CROSS JOIN LATERAL jsonb_each(r.slices) x
     WHERE NOT starts_with(x.key, '${savedKey('')}') AND (jsonb_typeof(x.value) IN ('string', 'boolean') OR (jsonb_typeof(x.value) = 'number' AND (x.value #>> '{}') ~ '^[0-9]$'))
     GROUP BY 1, 2`,
    [scope.projectId, measured.evaluation, threshold],
  )
  const all = groups.find(group => group.attribute === '')
  if (!all || rowsOf(all) === 0) return { measured: null, threshold, groups: [] }
  return { measured: { ...measured, n: rowsOf(all) }, threshold, groups: compare(groups) }
}

const confusion = `count(*) FILTER (WHERE shown AND "right")::int AS "truePositive", count(*) FILTER (WHERE shown AND NOT "right")::int AS "falsePositive",
  count(*) FILTER (WHERE NOT shown AND "right")::int AS "falseNegative", count(*) FILTER (WHERE NOT shown AND NOT "right")::int AS "trueNegative"`

const rowsOf = (of: Confusion) => of.truePositive + of.falsePositive + of.falseNegative + of.trueNegative

function compare(groups: readonly Group[]): OddsView['groups'] {
  const attributes = groupRows(
    groups.filter(group => group.attribute !== ''),
    group => group.attribute,
  )
  return [...attributes].flatMap(([attribute, values]) => {
    // A single value has nobody to be compared with.
    if (values.length < 2) return []
    return values
      .toSorted((a, b) => rowsOf(b) - rowsOf(a) || (a.value < b.value ? -1 : 1))
      .slice(0, mostValues)
      .map(of => {
        const rest = restOf(values, of)
        const { truePositiveRate, falsePositiveRate, gap, insufficient } = oddsGap(of, rest)
        const isApart = [truePositiveRate, falsePositiveRate].some(
          difference => difference && (difference.low > 0 || difference.high < 0),
        )
        return {
          slice: `${attribute}=${of.value}`,
          n: rowsOf(of),
          rightShown: wilson(of.truePositive, of.truePositive + of.falseNegative),
          wrongShown: wilson(of.falsePositive, of.falsePositive + of.trueNegative),
          rightGap: insufficient ? null : truePositiveRate,
          wrongGap: insufficient ? null : falsePositiveRate,
          gap: insufficient ? null : gap,
          verdict: insufficient
            ? ('insufficient' as const)
            : isApart
              ? ('apart' as const)
              : ('within-chance' as const),
        }
      })
  })
}

function restOf(values: readonly Group[], of: Group): Confusion {
  const sum = (name: keyof Confusion) =>
    values.reduce((total, other) => (other === of ? total : total + other[name]), 0)
  return {
    truePositive: sum('truePositive'),
    falsePositive: sum('falsePositive'),
    falseNegative: sum('falseNegative'),
    trueNegative: sum('trueNegative'),
  }
}
