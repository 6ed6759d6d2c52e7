import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
import { datasets } from './datasets'
import { models } from './models'
import { projects } from './people'

/** When and how a model learns again, one plan a model. */
export const retrainingPlans = pgTable(
  'retraining_plans',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    modelId: uuid('model_id').notNull(),
    datasetId: uuid('dataset_id').notNull(),
    /** As `retrainingWishSchema` of `domain/retraining.ts` checks it: when, how, which gate, what then. */
    wish: jsonb('wish').$type<Record<string, unknown>>().notNull(),
    enabled: boolean('enabled').notNull().default(true),
    /** When its schedule comes next. */
    nextAt: instant('next_at'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.modelId], foreignColumns: [models.projectId, models.id] }),
    foreignKey({ columns: [t.projectId, t.datasetId], foreignColumns: [datasets.projectId, datasets.id] }),
    uniqueIndex('retraining_plans_model').on(t.projectId, t.modelId),
    index('retraining_plans_next').on(t.nextAt),
  ],
)

/** One going through of a plan: freeze, train, evaluate, judge, then wait for a person or move on. */
export const retrainingRuns = pgTable(
  'retraining_runs',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    planId: uuid('plan_id').notNull(),
    /** The plan as it stood when the run began. */
    wish: jsonb('wish').$type<Record<string, unknown>>().notNull(),
    cause: text('cause').$type<'demand' | 'schedule' | 'new-truth'>().notNull(),
    step: text('step')
      .$type<'freeze' | 'train' | 'evaluate' | 'judge' | 'decide'>()
      .notNull()
      .default('freeze'),
    state: text('state')
      .$type<'running' | 'waiting' | 'done' | 'stopped' | 'failed' | 'cancelled'>()
      .notNull()
      .default('running'),
    /** The job of the step that is under way. */
    jobId: uuid('job_id'),
    datasetVersionId: uuid('dataset_version_id'),
    modelVersionId: uuid('model_version_id'),
    evaluationId: uuid('evaluation_id'),
    baselineEvaluationId: uuid('baseline_evaluation_id'),
    gateResultId: uuid('gate_result_id'),
    /** Of a webhook: how often it did not take the call (−1 once it did), and when it is called next. */
    attempts: integer('attempts').notNull().default(0),
    callAt: instant('call_at'),
    /** Each step with when it began and ended and what came of it; never what people wrote. */
    log: jsonb('log').$type<unknown[]>().notNull().default([]),
    /** Why it stopped or failed, in words. */
    reason: text('reason'),
    startedByUser: uuid('started_by_user'),
    startedByKey: uuid('started_by_key'),
    createdAt: createdAt(),
    endedAt: instant('ended_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.planId],
      foreignColumns: [retrainingPlans.projectId, retrainingPlans.id],
    }),
    index('retraining_runs_recent').on(t.projectId, t.planId, t.createdAt.desc()),
  ],
)
