import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
import { datasetVersions } from './datasets'
import { contents, items } from './items'
import { jobs } from './jobs'
import { modelVersions } from './models'
import { projects } from './people'

/**
 * A model version measured on a frozen dataset version. Done, it never changes: a trigger holds that. Two evaluations
 * may be compared exactly when their `inputsHash` is equal.
 */
export const evaluations = pgTable(
  'evaluations',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    modelVersionId: uuid('model_version_id').notNull(),
    datasetVersionId: uuid('dataset_version_id').notNull(),
    split: text('split').$type<'train' | 'validation' | 'test' | 'all'>().notNull(),
    /** `cross-validation`: the model is trained anew on all folds but one; nothing of `model_version_id` but its parameters counts. */
    kind: text('kind').$type<'measure' | 'cross-validation'>().notNull().default('measure'),
    state: text('state').$type<'running' | 'done' | 'failed' | 'cancelled'>().notNull().default('running'),
    jobId: uuid('job_id').notNull(),
    /** Perturbations, folds, draws and seed, as `domain/evaluation.ts` checks them. */
    options: jsonb('options').$type<Record<string, unknown>>().notNull(),
    /**
     * SHA-256 over what was measured with: content hash of the frozen version, split, specification versions of its
     * labels, versions of metric code, normaliser and perturbations, and the options. The model is no part of it.
     */
    inputsHash: text('inputs_hash').notNull(),
    /** The parts of `inputs_hash` in words. */
    inputs: jsonb('inputs').$type<Record<string, unknown>>().notNull(),
    /** Overall, by slice, by perturbation, calibration, counts, contamination: `EvaluationReport` of `domain/evaluation.ts`. */
    report: jsonb('report').$type<Record<string, unknown> | null>(),
    /** SHA-256 over the canonical JSON of `report`: equal for equal inputs and an equal model. */
    reportSha256: text('report_sha256'),
    /** What differs from run to run: latency, memory, cost: `EvaluationCost` of `domain/evaluation.ts`. */
    cost: jsonb('cost').$type<Record<string, unknown> | null>(),
    /** Rows that were asked, perturbed ones too. */
    rowCount: integer('row_count').notNull().default(0),
    failure: text('failure'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    doneAt: instant('done_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    foreignKey({
      columns: [t.projectId, t.datasetVersionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
    foreignKey({ columns: [t.projectId, t.jobId], foreignColumns: [jobs.projectId, jobs.id] }),
    index('evaluations_version').on(t.projectId, t.modelVersionId, t.id.desc()),
    index('evaluations_inputs').on(t.projectId, t.inputsHash, t.id.desc()),
  ],
)

/** What a version said of one row, and how right it was. Only while the evaluation runs are rows added. */
export const evaluationRows = pgTable(
  'evaluation_rows',
  {
    projectId: projectId().references(() => projects.id),
    evaluationId: uuid('evaluation_id').notNull(),
    /** The name of what was done to the input before asking; empty for the input as it is. */
    perturbation: text('perturbation').notNull().default(''),
    /** Of the dataset row. */
    number: integer('number').notNull(),
    itemId: uuid('item_id').notNull(),
    groupKey: text('group_key').notNull(),
    clusterKey: text('cluster_key'),
    slices: jsonb('slices').$type<Record<string, string | number | boolean | null>>().notNull().default({}),
    /** Of cross-validation: the fold that it was held out in, from 1. */
    fold: integer('fold'),
    outcome: text('outcome').$type<'answered' | 'silent' | 'failed'>().notNull(),
    /** Each metric's sums for this row; `Metric.value` of several added up is the metric over them. */
    parts: jsonb('parts').$type<Record<string, number[] | null>>().notNull(),
    /** Each metric's value of this row alone, in its own direction; null where it says nothing of one row. */
    raw: jsonb('raw').$type<Record<string, number | null>>().notNull(),
    /** As the task decides it; null where it does not. */
    right: boolean('right'),
    /** The ranked values, in `contents`; null where there are none. Never copied elsewhere. */
    contentId: uuid('content_id'),
    /** Rows of the version's training whose words were proposed: their erasure takes the words here too. */
    trainingRows: integer('training_rows').array().notNull().default(sql`'{}'::integer[]`),
    topConfidence: doublePrecision('top_confidence'),
    latencyMs: doublePrecision('latency_ms'),
    costMicros: bigint('cost_micros', { mode: 'number' }),
    /** Guardrails that the first candidates would have met, by rule; empty where none. */
    unsafe: text('unsafe').array().notNull().default(sql`'{}'::text[]`),
    /** Why it failed, as `slow`, `down`, `wrong-shape`. */
    failure: text('failure'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.evaluationId, t.perturbation, t.number] }),
    foreignKey({
      columns: [t.projectId, t.evaluationId],
      foreignColumns: [evaluations.projectId, evaluations.id],
    }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('evaluation_rows_item').on(t.projectId, t.itemId),
  ],
)
