import {
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
import { datasetVersions } from './datasets'
import { contents } from './items'
import { modelVersions } from './models'
import { projects } from './people'

/** A rule that a version must pass. What it asks stands in its versions. */
export const gates = pgTable(
  'gates',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    /** Part of addresses and of commands; never changes. */
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    createdAt: createdAt(),
    archivedAt: instant('archived_at'),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('gates_slug').on(t.projectId, t.slug)],
)

/** What a gate asks, as somebody set it down before looking. Append-only: another wish is another version. */
export const gateVersions = pgTable(
  'gate_versions',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    gateId: uuid('gate_id').notNull(),
    number: integer('number').notNull(),
    /** As `gateRulesSchema` of `domain/gates.ts` checks it. */
    rules: jsonb('rules').$type<Record<string, unknown>>().notNull(),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.gateId], foreignColumns: [gates.projectId, gates.id] }),
    uniqueIndex('gate_versions_number').on(t.projectId, t.gateId, t.number),
  ],
)

/** What a gate said of one evaluation, beside the one of the version that was live then. Append-only. */
export const gateResults = pgTable(
  'gate_results',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    gateVersionId: uuid('gate_version_id').notNull(),
    modelVersionId: uuid('model_version_id').notNull(),
    datasetVersionId: uuid('dataset_version_id').notNull(),
    evaluationId: uuid('evaluation_id').notNull(),
    /** Null where nothing was live to compare with. */
    baselineVersionId: uuid('baseline_version_id'),
    baselineEvaluationId: uuid('baseline_evaluation_id'),
    outcome: text('outcome').$type<'pass' | 'fail' | 'not-enough-data' | 'blocked'>().notNull(),
    /** Each check with its numbers, as `GateCheck` of `domain/gates.ts`. */
    checks: jsonb('checks').$type<unknown[]>().notNull(),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.gateVersionId],
      foreignColumns: [gateVersions.projectId, gateVersions.id],
    }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    foreignKey({
      columns: [t.projectId, t.datasetVersionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
    index('gate_results_version').on(t.projectId, t.modelVersionId, t.createdAt.desc()),
  ],
)

/** Each time that a decision was held against a frozen set: a set that is asked too often is learned by heart. Append-only. */
export const testUses = pgTable(
  'test_uses',
  {
    projectId: projectId().references(() => projects.id),
    datasetVersionId: uuid('dataset_version_id').notNull(),
    evaluationId: uuid('evaluation_id').notNull(),
    /** SHA-256 of the rows that were asked: the same set under another name is the same set. */
    contentSha256: text('content_sha256').notNull(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.datasetVersionId, t.evaluationId] }),
    foreignKey({
      columns: [t.projectId, t.datasetVersionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
    index('test_uses_content').on(t.projectId, t.contentSha256),
  ],
)

/** An owner lets a version through that a gate holds, and says why. Only that it was taken back is ever set. */
export const gateWaivers = pgTable(
  'gate_waivers',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    gateResultId: uuid('gate_result_id').notNull(),
    role: text('role').notNull(),
    userId: uuid('user_id'),
    keyId: uuid('key_id'),
    reasonContentId: uuid('reason_content_id').notNull(),
    createdAt: createdAt(),
    withdrawnAt: instant('withdrawn_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.gateResultId],
      foreignColumns: [gateResults.projectId, gateResults.id],
    }),
    foreignKey({
      columns: [t.projectId, t.reasonContentId],
      foreignColumns: [contents.projectId, contents.id],
    }),
    index('gate_waivers_result').on(t.projectId, t.gateResultId),
  ],
)
