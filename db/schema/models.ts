import { sql } from 'drizzle-orm'
import {
  doublePrecision,
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
import { contents, items } from './items'
import { projects } from './people'

export const models = pgTable(
  'models',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    name: text('name').notNull(),
    /** `push`, or the kind of a built-in model in `models/registry.ts`. */
    kind: text('kind').notNull(),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('models_name').on(t.projectId, t.name)],
)

/** Immutable but for its stage and being out of service; a trigger holds that. */
export const modelVersions = pgTable(
  'model_versions',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    modelId: uuid('model_id').notNull(),
    version: text('version').notNull(),
    stage: text('stage')
      .$type<'candidate' | 'shadow' | 'canary' | 'live' | 'retired'>()
      .notNull()
      .default('candidate'),
    /** Of a canary: the share (0–1) of people whom it answers. */
    canaryShare: doublePrecision('canary_share'),
    /** Since when it has this stage; null where it never had another. */
    stagedAt: instant('staged_at'),
    parameters: jsonb('parameters').$type<Record<string, unknown>>().notNull().default({}),
    card: jsonb('card').$type<Record<string, unknown>>().notNull().default({}),
    codeReference: text('code_reference'),
    /** Memory models drop an erased row exactly; others leave service when a row they learned from is erased. */
    learning: text('learning').$type<'none' | 'memory' | 'trained'>().notNull().default('none'),
    /** Contents this version learned from; named before an undo or an erasure. */
    trainingContentIds: uuid('training_content_ids').array().notNull().default(sql`'{}'::uuid[]`),
    /** The frozen dataset version it was trained on; null where none, or where its owner did not say. */
    trainingDatasetVersionId: uuid('training_dataset_version_id'),
    outOfServiceAt: instant('out_of_service_at'),
    outOfServiceReason: text('out_of_service_reason'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.modelId], foreignColumns: [models.projectId, models.id] }),
    uniqueIndex('model_versions_version').on(t.projectId, t.modelId, t.version),
    uniqueIndex('model_versions_live').on(t.projectId).where(sql`stage = 'live'`),
    uniqueIndex('model_versions_canary').on(t.projectId).where(sql`stage = 'canary'`),
  ],
)

/** A version's ranked candidates for an item. Their text lies in `contents`: it may quote what somebody wrote. */
export const predictions = pgTable(
  'predictions',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    itemId: uuid('item_id').notNull(),
    modelVersionId: uuid('model_version_id').notNull(),
    contentId: uuid('content_id').notNull(),
    /** Set when a person's own memory had a part in it: then it is shown to nobody else. */
    actorId: uuid('actor_id'),
    memorySnapshot: text('memory_snapshot'),
    topConfidence: doublePrecision('top_confidence'),
    candidateCount: integer('candidate_count').notNull(),
    latencyMs: doublePrecision('latency_ms'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('predictions_item').on(t.projectId, t.itemId, t.modelVersionId, t.id.desc()),
  ],
)
