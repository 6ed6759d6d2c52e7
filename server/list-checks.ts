import 'server-only'
import type { z } from 'zod'
import type { CheckFindings, findingsQuery, VersionCheck, VersionChecks } from '@/contract/v1/dataset-checks'
import { getDb } from '@/db/client'
import { type CheckName, checkNames } from '@/domain/dataset-check'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findDataset, findVersion } from './find-dataset'
import { readLinesAfter } from './version-lines'

/** What the checks of a version found, in the order in which they are known. */
export async function listChecks(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<VersionChecks> {
  const version = await findVersion(scope, await findDataset(scope, slugOrId), wanted)
  const checks = await readChecks(scope, version.id)
  return { number: version.number, state: version.state, checks }
}

export async function readChecks(scope: ProjectScope, versionId: string): Promise<VersionCheck[]> {
  const { rows } = await getDb().$client.query(
    `SELECT k.name, k.level, k.outcome, k.value, k."of", k."limit", k.findings, k.detail, k.method,
       to_json(k.ran_at)#>>'{}' AS "ranAt",
       CASE WHEN k.waived_at IS NOT NULL THEN json_build_object('at', to_json(k.waived_at)#>>'{}',
         'by', (SELECT u.name FROM users u WHERE u.id = k.waived_by), 'reason', c.body->>'text',
         'actionId', (SELECT a.id FROM actions a JOIN dataset_versions v ON v.project_id = a.project_id AND v.id = k.version_id
           WHERE a.project_id = k.project_id AND a.kind = 'dataset-check.waived' AND a.target_id = k.version_id::text
             AND a.after->>'check' = k.name AND v.state = 'blocked'
             AND NOT EXISTS (SELECT FROM actions u WHERE u.project_id = a.project_id AND u.compensates_id = a.id)
           ORDER BY a.id DESC LIMIT 1)) END AS waiver
     FROM dataset_checks k LEFT JOIN contents c ON c.project_id = k.project_id AND c.id = k.waiver_content_id
     WHERE k.project_id = $1 AND k.version_id = $2`,
    [scope.projectId, versionId],
  )
  return rows.sort((a, b) => checkNames.indexOf(a.name) - checkNames.indexOf(b.name))
}

interface StoredFinding {
  at: number
  row: number | null
  other: number | null
  score: number | null
  detail: Record<string, unknown>
}

/** The list behind a check's number, worst first, with what may still be read of the rows. */
export async function listFindings(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  check: CheckName,
  { after, limit }: z.output<typeof findingsQuery>,
): Promise<CheckFindings> {
  const version = await findVersion(scope, await findDataset(scope, slugOrId), wanted)
  const { rows } = await getDb().$client.query<StoredFinding>(
    `SELECT at, row_number AS "row", other_number AS other, score, detail FROM dataset_findings
     WHERE project_id = $1 AND version_id = $2 AND name = $3 AND at > $4 ORDER BY at LIMIT $5`,
    [scope.projectId, version.id, check, after, limit + 1],
  )
  const page = rows.slice(0, limit)
  const numbers = [...new Set(page.flatMap(one => [one.row, one.other]).filter(one => one !== null))]
  const task = await loadTaskType(scope.project.taskType)
  const read =
    numbers.length === 0
      ? []
      : await readLinesAfter(scope.projectId, version.id, {
          after: 0,
          limit: numbers.length,
          condition: `r.number IN (${numbers.map(Number).join(', ')})`,
        })
  const known = new Map(read.map(one => [one.line.number, one.line]))
  const rowOf = (number: number | null) => {
    const line = number === null ? undefined : known.get(number)
    if (!line) return null
    return {
      number: line.number,
      itemId: line.item_id,
      title: line.erased ? null : task.titleOf(line.input),
      values: line.erased ? [] : line.values.map(one => task.textOf(one.value)),
      split: line.split,
      erased: line.erased,
    }
  }
  return {
    findings: page.map(({ at, row, other, score, detail }) => ({
      at,
      row: rowOf(row),
      other: rowOf(other),
      score,
      detail,
    })),
    nextAfter: rows.length > limit ? (page.at(-1)?.at ?? null) : null,
  }
}
