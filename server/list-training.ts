import 'server-only'
import { getDb } from '@/db/client'
import type { Split } from '@/domain/dataset-split'
import { modelKinds } from '@/models/registry'
import { taskFacts } from '@/tasks/registry'
import type { ProjectScope } from './access'

/** What the training of models may take: frozen dataset versions, newest first, and what is under way by model. */
export async function listTraining(scope: ProjectScope): Promise<{
  datasets: { id: string; name: string }[]
  running: Map<string, string>
  /** Versions are fitted on known outcomes, and not told by what is shared. */
  fromOutcomes: boolean
  /** Datasets of which a version may be frozen for it. */
  reachable: { slug: string; name: string }[]
  /** Kinds of models that are trained here. */
  builtIn: ReadonlySet<string>
}> {
  const facts = taskFacts(scope.project.taskType)
  const [datasets, jobs, reachable] = await Promise.all([
    getDb().$client.query<{ id: string; name: string }>(
      `SELECT v.id, d.name || ', version ' || v.number AS name FROM dataset_versions v
       JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
       WHERE v.project_id = $1 AND v.state = 'frozen' AND v.overtaken_at IS NULL AND d.archived_at IS NULL
         AND d.target = ANY($2) ORDER BY v.frozen_at DESC NULLS LAST LIMIT 50`,
      [scope.projectId, facts?.hasOutcomes ? ['decision', 'resolution'] : ['decision']],
    ),
    getDb().$client.query<{ id: string; modelId: string }>(
      `SELECT id, payload->>'modelId' AS "modelId" FROM jobs
       WHERE project_id = $1 AND kind = 'train-model' AND state IN ('queued', 'running')`,
      [scope.projectId],
    ),
    getDb().$client.query<{ slug: string; name: string }>(
      `SELECT slug, name FROM datasets WHERE project_id = $1 AND archived_at IS NULL AND target = 'decision' ORDER BY created_at DESC LIMIT 50`,
      [scope.projectId],
    ),
  ])
  return {
    datasets: datasets.rows,
    running: new Map(jobs.rows.map(job => [job.modelId, job.id])),
    fromOutcomes: facts?.hasOutcomes ?? false,
    reachable: reachable.rows,
    builtIn: new Set(modelKinds),
  }
}

/** A frozen dataset version to measure on, as `slug@number`, and how many rows each split of it has. */
export interface Measurable {
  value: string
  label: string
  rows: Record<Split, number>
}

/** What a model version may be measured on: those with rows to test on first, the newest first. */
export async function listMeasurable(scope: ProjectScope): Promise<Measurable[]> {
  const { rows } = await getDb().$client.query<{
    value: string
    label: string
    rows: Measurable['rows'] | null
  }>(
    `SELECT d.slug || '@' || v.number AS value, d.name || ', version ' || v.number AS label, v.counts->'splits' AS rows
     FROM dataset_versions v JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
     WHERE v.project_id = $1 AND v.state = 'frozen' AND d.archived_at IS NULL AND d.target <> 'preference'
     ORDER BY coalesce((v.counts->'splits'->>'test')::bigint, 0) = 0, v.overtaken_at IS NOT NULL, v.frozen_at DESC LIMIT 50`,
    [scope.projectId],
  )
  return rows.map(row => ({ ...row, rows: row.rows ?? { train: 0, validation: 0, test: 0 } }))
}
