import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import { evaluationOptionsSchema, type PerturbationId } from '@/domain/evaluation'
import { fnv1a64 } from '@/domain/guardrails'
import type { TaskMetrics } from '@/domain/metrics/metric'
import { parseProjectSettings } from '@/domain/project-settings'
import { type SavedSlice, withSaved } from '@/domain/saved-slice'
import type { DatasetLine } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import {
  askVersion,
  findAskedVersion,
  openTrainedMemory,
  type VersionAnswer,
  type VersionMemory,
} from './ask-version'
import type { EvaluationWork } from './evaluation-work'
import { finishEvaluation } from './finish-evaluation'
import { openFolds } from './fold-memory'
import { judgeSafety } from './judge-safety'
import { type MeasureContext, openMeasureContext, rowOfLine } from './measure-context'
import { perturbInput } from './perturb-input'
import { readMedia } from './read-media'
import type { JobKind, RunningJob } from './run-job'
import { runsHere } from './run-predictions'
import { findInSlices } from './saved-slices'
import { insertContents, newContent } from './store-content'
import { readLinesAfter } from './version-lines'

const rowsPerChunk = 16
/** Nobody waits for it at a screen. */
const timeoutMs = 30_000

/**
 * Measures a version row by row: each chunk asks, scores and stores, so that a later worker goes on with the next row.
 * Then every estimate is computed of the stored rows alone.
 */
export const evaluateJob: JobKind = {
  async run(job) {
    const work = await findWork(job)
    const context = await openMeasureContext(job.projectId, work)
    const memoryOf = await openMemory(job.projectId, work)
    for (const perturbation of ['', ...work.options.perturbations] as const)
      await measurePass(job, work, context, memoryOf, perturbation)
    const reportSha256 = await finishEvaluation(job, work, context)
    return { evaluationId: work.id, reportSha256 }
  },
  async settle(tx, job, end) {
    await tx.$client.query(
      `UPDATE evaluations SET state = $3, failure = $4, done_at = CASE WHEN $3 = 'done' THEN amend.now() END
       WHERE project_id = $1 AND id = $2 AND state = 'running'`,
      [job.projectId, job.payload.evaluationId, end.state, end.state === 'failed' ? end.error : null],
    )
  },
}

async function findWork(job: RunningJob): Promise<EvaluationWork> {
  const { rows } = await getDb().$client.query(
    `SELECT e.id, e.model_version_id AS "modelVersionId", e.dataset_version_id AS "datasetVersionId", e.split, e.options,
       p.task_type AS "taskType", p.time_zone AS "timeZone", p.settings
     FROM evaluations e JOIN projects p ON p.id = e.project_id WHERE e.project_id = $1 AND e.id = $2`,
    [job.projectId, job.payload.evaluationId],
  )
  const row = rows[0]
  const version = row && (await findAskedVersion(job.projectId, row.modelVersionId))
  if (!version) throw new Error('the evaluation of this job is gone')
  const task = await loadTaskType(row.taskType)
  const { metrics } = task
  if (!metrics) throw new Error('this kind of task has no metrics')
  return {
    id: row.id,
    datasetVersionId: row.datasetVersionId,
    split: row.split,
    options: evaluationOptionsSchema.parse(row.options),
    version,
    task: { ...task, metrics },
    guardrails: parseProjectSettings(row.settings).guardrails,
    asked: await runsHere(version.kind),
    timeZone: row.timeZone,
    // A job of an older version of this program knew of none.
    saved: (job.payload.saved ?? []) as SavedSlice[],
  }
}

interface FoldMemory {
  fold: number | null
  memory: VersionMemory | null
}

/** What the version may remember while it answers a row. */
async function openMemory(
  projectId: string,
  work: EvaluationWork,
): Promise<(line: DatasetLine) => FoldMemory> {
  if (work.options.folds !== null) return openFolds(projectId, work, work.options.folds)
  const memory =
    work.version.learning === 'memory' ? await openTrainedMemory(projectId, work.version.id) : null
  return () => ({ fold: null, memory })
}

async function measurePass(
  job: RunningJob,
  work: EvaluationWork,
  context: MeasureContext,
  memoryOf: (line: DatasetLine) => FoldMemory,
  perturbation: PerturbationId | '',
): Promise<void> {
  const { rows } = await getDb().$client.query<{ after: number; done: number }>(
    `SELECT coalesce(max(number) FILTER (WHERE perturbation = $3), 0)::int AS after, count(*)::int AS done
     FROM evaluation_rows WHERE project_id = $1 AND evaluation_id = $2`,
    [job.projectId, work.id, perturbation],
  )
  let { after, done } = rows[0] ?? { after: 0, done: 0 }
  const condition = work.split === 'all' ? 'true' : `r.split = '${work.split}'`
  for (;;) {
    const read = await readLinesAfter(job.projectId, work.datasetVersionId, {
      after,
      limit: rowsPerChunk,
      condition,
    })
    const last = read.at(-1)
    if (!last) return
    const lines = read.map(one => one.line).filter(line => rowOfLine(line) !== null)
    const inSlices = await findInSlices(
      { projectId: job.projectId, timeZone: work.timeZone },
      work.saved,
      lines.map(line => line.item_id),
    )
    const pushed = work.asked ? new Map() : await readPushed(job.projectId, work.version.id, lines)
    const made: NewRow[] = []
    for (const line of lines)
      made.push({
        ...(await measure(job.projectId, work, context, memoryOf(line), perturbation, line, pushed)),
        slices: withSaved(
          line.slices,
          work.saved,
          slice => inSlices.get(slice.id)?.has(line.item_id) ?? false,
        ),
      })
    done += made.length
    await job.chunk(async tx => {
      await storeRows(tx, job.projectId, work.id, made)
      return { done, message: perturbation === '' ? 'Asking the model' : `Asking under ${perturbation}` }
    })
    after = last.line.number
  }
}

interface NewRow {
  line: DatasetLine
  /** Attributes of the input, and whether it lies in each saved slice. */
  slices: Record<string, string | number | boolean | null>
  perturbation: string
  fold: number | null
  answer: VersionAnswer
  parts: Record<string, number[] | null>
  raw: Record<string, number | null>
  right: boolean | null
  unsafe: string[]
}

async function measure(
  projectId: string,
  work: EvaluationWork,
  context: MeasureContext,
  { fold, memory }: FoldMemory,
  perturbation: PerturbationId | '',
  line: DatasetLine,
  pushed: ReadonlyMap<string, VersionAnswer>,
): Promise<Omit<NewRow, 'slices'>> {
  const { task, version } = work
  const media = task.mediaOf?.(line.input)
  const plain = { payload: line.input, media: media && (() => readMedia(projectId, media)) }
  const seed = Number(fnv1a64(`${work.options.seed}:${line.number}`) & 0x7fffffffn)
  const input = perturbation === '' ? plain : perturbInput(task, plain, perturbation, seed)
  const answer = work.asked
    ? await askVersion(version, task, input, memory, timeoutMs)
    : (pushed.get(line.item_id) ?? nothingPushed)
  const row = rowOfLine(line)
  if (!row) throw new Error('a row without truth can’t be measured')
  const parts: NewRow['parts'] = {}
  const raw: NewRow['raw'] = {}
  for (const metric of task.metrics.all) {
    const own = metric.parts(row, answer.ranked, context.ofMetrics)
    parts[metric.id] = own
    raw[metric.id] = own && metric.value(own)
  }
  return {
    line,
    perturbation,
    fold,
    answer,
    parts,
    raw,
    right: isRight(task.metrics, raw),
    unsafe: judgeSafety(task, work.guardrails, line.input, answer.ranked),
  }
}

function isRight({ all, right }: TaskMetrics, raw: Record<string, number | null>): boolean | null {
  const value = raw[right.metric] ?? null
  if (value === null) return null
  return all.find(metric => metric.id === right.metric)?.higherIsBetter
    ? value >= right.from
    : value <= right.from
}

const nothingPushed: VersionAnswer = {
  outcome: 'silent',
  ranked: [],
  latencyMs: null,
  costMicros: null,
  failure: null,
}

/** What somebody's own model sent for these items: the latest for each. */
async function readPushed(
  projectId: string,
  versionId: string,
  lines: readonly DatasetLine[],
): Promise<Map<string, VersionAnswer>> {
  const { rows } = await getDb().$client.query<{
    itemId: string
    body: { value: unknown; confidence: number }[] | null
    latencyMs: number | null
  }>(
    `SELECT DISTINCT ON (p.item_id) p.item_id AS "itemId", c.body, p.latency_ms AS "latencyMs" FROM predictions p
     JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
     WHERE p.project_id = $1 AND p.model_version_id = $2 AND p.item_id = ANY($3::uuid[]) AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
     ORDER BY p.item_id, p.id DESC`,
    [projectId, versionId, lines.map(line => line.item_id)],
  )
  return new Map(
    rows.map(({ itemId, body, latencyMs }) => [
      itemId,
      {
        ...nothingPushed,
        outcome: body && body.length > 0 ? 'answered' : 'silent',
        ranked: (body ?? []).map(({ value, confidence }) => ({ value, confidence, trainingRow: null })),
        latencyMs,
      },
    ]),
  )
}

async function storeRows(
  tx: Transaction,
  projectId: string,
  evaluationId: string,
  made: readonly NewRow[],
): Promise<void> {
  if (made.length === 0) return
  // Of an item that is erased meanwhile nothing is kept but the skeleton.
  const { rows: there } = await tx.$client.query<{ id: string }>(
    'SELECT id FROM items WHERE project_id = $1 AND id = ANY($2::uuid[]) AND erased_at IS NULL FOR KEY SHARE',
    [projectId, made.map(row => row.line.item_id)],
  )
  const kept = new Set(there.map(row => row.id))
  const contents = made.map(({ line, answer }) =>
    answer.ranked.length === 0 || !kept.has(line.item_id)
      ? null
      : newContent({
          kind: 'candidates',
          actorId: null,
          itemId: line.item_id,
          body: answer.ranked.map(({ value, confidence }) => ({ value, confidence })),
        }),
  )
  await insertContents(
    tx,
    projectId,
    contents.filter(content => content !== null),
  )
  await tx.$client.query(
    `INSERT INTO evaluation_rows (project_id, evaluation_id, perturbation, number, item_id, group_key, cluster_key, slices, fold, outcome,
       parts, raw, "right", content_id, training_rows, top_confidence, latency_ms, cost_micros, unsafe, failure)
     SELECT $1, $2, perturbation, number, item_id, group_key, cluster_key, slices, fold, outcome, parts, raw, "right", content_id,
       ARRAY(SELECT jsonb_array_elements_text(training_rows)::int), top_confidence, latency_ms, cost_micros,
       ARRAY(SELECT jsonb_array_elements_text(unsafe)), failure
     FROM jsonb_to_recordset($3::jsonb) AS r(perturbation text, number int, item_id uuid, group_key text, cluster_key text, slices jsonb,
       fold int, outcome text, parts jsonb, raw jsonb, "right" boolean, content_id uuid, training_rows jsonb, top_confidence float8,
       latency_ms float8, cost_micros bigint, unsafe jsonb, failure text)`,
    [
      projectId,
      evaluationId,
      JSON.stringify(
        made.map(({ line, answer, ...row }, at) => ({
          perturbation: row.perturbation,
          number: line.number,
          item_id: line.item_id,
          group_key: line.group_key,
          cluster_key: line.cluster,
          slices: row.slices,
          fold: row.fold,
          outcome: answer.outcome,
          parts: row.parts,
          raw: row.raw,
          right: row.right,
          content_id: contents[at]?.id ?? null,
          training_rows: answer.ranked.flatMap(one => one.trainingRow ?? []),
          top_confidence: answer.ranked[0]?.confidence ?? null,
          latency_ms: answer.latencyMs,
          cost_micros: answer.costMicros,
          unsafe: row.unsafe,
          failure: answer.failure?.kind ?? null,
        })),
      ),
    ],
  )
}
