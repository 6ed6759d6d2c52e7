import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, createdAt, id, instant, projectId } from './columns'
import { exposures } from './feedback'
import { contents, items } from './items'
import { modelVersions } from './models'
import { actors, projects } from './people'

/**
 * What a person taught by a live decision: at once suggested to them, to nobody else. A projection of the decisions:
 * undo deletes the row, and with it everything that a memory knows of it.
 */
export const learnedExamples = pgTable(
  'learned_examples',
  {
    projectId: projectId().references(() => projects.id),
    /** The exposure whose decision taught it. */
    exposureId: uuid('exposure_id').notNull(),
    eventId: uuid('event_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    itemId: uuid('item_id').notNull(),
    /** The words that the person wrote. */
    valueContentId: uuid('value_content_id').notNull(),
    /** Keyed hash of the normalised text: says that two people wrote the same without saying what. */
    normalHash: text('normal_hash').notNull(),
    learnedAt: instant('learned_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.exposureId] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
    foreignKey({ columns: [t.projectId, t.actorId], foreignColumns: [actors.projectId, actors.id] }),
    index('learned_examples_actor').on(t.projectId, t.actorId, t.learnedAt.desc()),
    index('learned_examples_same').on(t.projectId, t.normalHash),
  ],
)

/** What may be suggested to everybody: a copy with names, numbers, addresses and links removed. */
export const sharedExamples = pgTable(
  'shared_examples',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    /** A curator approved it, or three people wrote the same. */
    source: text('source').$type<'curator' | 'agreement'>().notNull(),
    state: text('state').$type<'active' | 'withdrawn'>().notNull().default('active'),
    inputContentId: uuid('input_content_id').notNull(),
    valueContentId: uuid('value_content_id').notNull(),
    normalHash: text('normal_hash').notNull(),
    /** The exposures that taught it. */
    exposureIds: uuid('exposure_ids').array().notNull(),
    /** What a model saw of the input, as in `item_vectors`; computed when it is first needed. */
    vectorKind: text('vector_kind'),
    vector: bytea('vector'),
    createdAt: createdAt(),
    withdrawnAt: instant('withdrawn_at'),
    /** `undone` and `too-few` come back with their ground; `curator` and `erased` don't. */
    withdrawnReason: text('withdrawn_reason').$type<'undone' | 'too-few' | 'curator' | 'erased'>(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.inputContentId],
      foreignColumns: [contents.projectId, contents.id],
    }),
    foreignKey({
      columns: [t.projectId, t.valueContentId],
      foreignColumns: [contents.projectId, contents.id],
    }),
    index('shared_examples_active').on(t.projectId).where(sql`state = 'active'`),
    index('shared_examples_origin').using('gin', t.exposureIds),
    index('shared_examples_same').on(t.projectId, t.normalHash),
  ],
)

/** What a model saw of an item, as numbers: goes with the item's content. */
export const itemVectors = pgTable(
  'item_vectors',
  {
    projectId: projectId().references(() => projects.id),
    itemId: uuid('item_id').notNull(),
    /** Which network made it, with its version: vectors of two kinds are never compared. */
    kind: text('kind').notNull(),
    /** Little-endian float32. */
    vector: bytea('vector').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.itemId, t.kind] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
  ],
)

/** Which examples a memory held when it answered. The id is a hash over them, so equal memories share a row. */
export const memorySnapshots = pgTable(
  'memory_snapshots',
  {
    projectId: projectId().references(() => projects.id),
    id: text('id').notNull(),
    /** Exposures of the person's own examples, and ids of the shared ones, each sorted. */
    personal: uuid('personal').array().notNull(),
    shared: uuid('shared').array().notNull(),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] })],
)

/** Which learned example was shown as which candidate of an exposure. Append-only. */
export const learnedShown = pgTable(
  'learned_shown',
  {
    projectId: projectId().references(() => projects.id),
    exposureId: uuid('exposure_id').notNull(),
    candidateId: uuid('candidate_id').notNull(),
    /** The exposure that taught it, for a personal example. */
    learnedFromExposureId: uuid('learned_from_exposure_id'),
    sharedExampleId: uuid('shared_example_id'),
    /** The row of the version that answered, for what it was trained on. */
    trainingRow: integer('training_row'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.exposureId, t.candidateId] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
    index('learned_shown_personal').on(t.projectId, t.learnedFromExposureId),
    index('learned_shown_shared').on(t.projectId, t.sharedExampleId),
  ],
)

/** What a trained version learned from, row by row. A memory model drops a withdrawn row exactly. */
export const trainingRows = pgTable(
  'training_rows',
  {
    projectId: projectId().references(() => projects.id),
    modelVersionId: uuid('model_version_id').notNull(),
    number: integer('number').notNull(),
    inputContentId: uuid('input_content_id').notNull(),
    valueContentId: uuid('value_content_id').notNull(),
    /** Where it came from. */
    sharedExampleId: uuid('shared_example_id'),
    exposureIds: uuid('exposure_ids').array().notNull(),
    facts: jsonb('facts').$type<Record<string, unknown>>().notNull().default({}),
    vector: bytea('vector'),
    withdrawnAt: instant('withdrawn_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.modelVersionId, t.number] }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    index('training_rows_origin').using('gin', t.exposureIds),
  ],
)
