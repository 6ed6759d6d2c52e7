import 'server-only'
import type { z } from 'zod'
import type { Evaluation, EvaluationPage, evaluationQuery } from '@/contract/v1/evaluations'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { jobColumns, toJob } from './list-jobs'

const evaluationSql = `
  SELECT e.id, jsonb_build_object('id', m.id, 'name', m.name, 'versionId', v.id, 'version', v.version, 'stage', v.stage) AS model,
    jsonb_build_object('slug', d.slug, 'name', d.name, 'version', dv.number, 'versionId', dv.id) AS dataset,
    e.split, e.kind, e.state, e.options, e.inputs_hash AS "inputsHash", e.inputs, e.report, e.report_sha256 AS "reportSha256",
    e.cost, e.failure, (SELECT u.name FROM users u WHERE u.id = e.created_by) AS "createdBy",
    to_json(e.created_at)#>>'{}' AS "createdAt", to_json(e.done_at)#>>'{}' AS "doneAt",
    CASE WHEN j.id IS NOT NULL THEN to_jsonb(x) END AS job, ${toMicros('e.created_at')}::text AS micros
  FROM evaluations e
  JOIN model_versions v ON v.project_id = e.project_id AND v.id = e.model_version_id
  JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  JOIN dataset_versions dv ON dv.project_id = e.project_id AND dv.id = e.dataset_version_id
  JOIN datasets d ON d.project_id = dv.project_id AND d.id = dv.dataset_id
  LEFT JOIN jobs j ON j.project_id = e.project_id AND j.id = e.job_id
  LEFT JOIN LATERAL (SELECT ${jobColumns}) x ON true
  WHERE e.project_id = $1`

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toEvaluation({ micros, job, ...row }: any): Evaluation {
  return { ...row, job: job ? toJob(job) : null }
}

/** Evaluations of the project, newest first; of one version, or on one dataset version, where wanted. */
export async function listEvaluations(
  scope: ProjectScope,
  query: z.output<typeof evaluationQuery>,
): Promise<EvaluationPage> {
  const after = readCursor(query.cursor)
  const { rows } = await getDb().$client.query(
    `${evaluationSql} AND ($2::uuid IS NULL OR e.model_version_id = $2) AND ($3::uuid IS NULL OR e.dataset_version_id = $3)
       AND ($4::text IS NULL OR e.state = $4)
       AND ($5::bigint IS NULL OR (e.created_at, e.id) < (${fromMicros('$5::bigint')}, $6::uuid))
     ORDER BY e.created_at DESC, e.id DESC LIMIT $7`,
    [
      scope.projectId,
      query.modelVersionId ?? null,
      query.datasetVersionId ?? null,
      query.state ?? null,
      after?.micros ?? null,
      after?.id ?? null,
      query.limit + 1,
    ],
  )
  const shown = rows.slice(0, query.limit)
  const last = shown.at(-1)
  return {
    evaluations: shown.map(toEvaluation),
    nextCursor: rows.length > query.limit && last ? writeCursor(last.micros, last.id) : null,
  }
}

/** @throws AmendError not_found */
export async function describeEvaluation(scope: ProjectScope, id: string): Promise<Evaluation> {
  const { rows } = await getDb().$client.query(`${evaluationSql} AND e.id = $2`, [scope.projectId, id])
  if (!rows[0]) throw new AmendError('not_found', 'There is no such evaluation in this project.')
  return toEvaluation(rows[0])
}
