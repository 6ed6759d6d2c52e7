import { sql } from 'drizzle-orm'
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

/** People of this instance. Global and small; everything they do in a project refers to their actor there. */
export const users = pgTable(
  'users',
  {
    id: id().primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    passwordHash: text('password_hash'),
    instanceAdmin: boolean('instance_admin').notNull().default(false),
    /** Signs in by role on loopback, without a password; made and removed with the demo. */
    demo: boolean('demo').notNull().default(false),
    createdAt: createdAt(),
    disabledAt: instant('disabled_at'),
  },
  t => [uniqueIndex('users_email').on(sql`lower(${t.email})`)],
)

/** A signed-in browser. The cookie names a row here, so sign-out and a password change take effect at once. */
export const sessions = pgTable(
  'sessions',
  {
    id: id().primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    lastSeenAt: instant('last_seen_at').notNull().default(sql`amend.now()`),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    /** What the browser called itself, cut to 200 characters, for the list of sessions. */
    userAgent: text('user_agent'),
  },
  t => [index('sessions_user').on(t.userId)],
)

/** One-time links: first sign-in and password reset. Only the hash of the token is stored. */
export const signInLinks = pgTable(
  'sign_in_links',
  {
    id: id().primaryKey(),
    tokenHash: text('token_hash').notNull(),
    purpose: text('purpose').$type<'sign-in' | 'reset'>().notNull(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  t => [uniqueIndex('sign_in_links_token').on(t.tokenHash)],
)

export const projects = pgTable(
  'projects',
  {
    id: id().primaryKey(),
    /** Part of every page address; never changes. */
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    taskType: text('task_type').notNull(),
    mode: text('mode').$type<'augment' | 'prompt' | 'automate'>().notNull().default('augment'),
    /** Guardrail settings and the rest of what an owner may set; checked by `domain/project-settings.ts`. */
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    timeZone: text('time_zone').notNull().default('UTC'),
    demo: boolean('demo').notNull().default(false),
    createdAt: createdAt(),
  },
  t => [uniqueIndex('projects_slug').on(t.slug)],
)

export const memberships = pgTable(
  'memberships',
  {
    projectId: projectId().references(() => projects.id),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    role: text('role').$type<'viewer' | 'contributor' | 'annotator' | 'curator' | 'owner'>().notNull(),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.projectId, t.userId] }), index('memberships_user').on(t.userId)],
)

export const invites = pgTable(
  'invites',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    tokenHash: text('token_hash').notNull(),
    role: text('role').$type<'viewer' | 'contributor' | 'annotator' | 'curator' | 'owner'>().notNull(),
    /** If set, only this address may accept. */
    email: text('email'),
    createdBy: uuid('created_by').references(() => users.id),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
    revokedAt: instant('revoked_at'),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('invites_token').on(t.tokenHash)],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    name: text('name').notNull(),
    scope: text('scope').$type<'publish' | 'read' | 'write' | 'admin'>().notNull(),
    /** Of a publishable key: the pages that may use it, as `https://shop.example`. */
    origins: text('origins').array().notNull().default(sql`'{}'::text[]`),
    /** The first characters, to tell keys apart in a list. */
    prefix: text('prefix').notNull(),
    secretHash: text('secret_hash').notNull(),
    createdBy: uuid('created_by').references(() => users.id),
    createdAt: createdAt(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('api_keys_secret').on(t.secretHash)],
)

/**
 * A person inside one project, under a pseudonym: what events, answers and exports refer to.
 * Either a user of this instance or somebody an API key speaks for (`externalHash`, salted with the instance's key).
 */
export const actors = pgTable(
  'actors',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    userId: uuid('user_id').references(() => users.id),
    externalHash: text('external_hash'),
    /** Short and stable, as `p-4c9a07f2`; all that a data scientist sees. */
    pseudonym: text('pseudonym').notNull(),
    suggestionsOn: boolean('suggestions_on').notNull().default(true),
    trainingAllowed: boolean('training_allowed').notNull().default(true),
    consentVersion: integer('consent_version'),
    consentedAt: instant('consented_at'),
    createdAt: createdAt(),
    erasedAt: instant('erased_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    uniqueIndex('actors_user').on(t.projectId, t.userId),
    uniqueIndex('actors_external').on(t.projectId, t.externalHash),
    uniqueIndex('actors_pseudonym').on(t.projectId, t.pseudonym),
  ],
)

/** Every change of state that is not a feedback event. Append-only; undone by a later row that names it. */
export const actions = pgTable(
  'actions',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    kind: text('kind').notNull(),
    actorKind: text('actor_kind').$type<'person' | 'key' | 'system'>().notNull(),
    actorUserId: uuid('actor_user_id').references(() => users.id),
    actorKeyId: uuid('actor_key_id'),
    /** What was changed, as `member`, `key`, `settings`, and its id. */
    targetType: text('target_type').notNull(),
    targetId: text('target_id'),
    /** Facts before and after: settings, roles, stages. Never what people wrote. */
    before: jsonb('before').$type<Record<string, unknown> | null>(),
    after: jsonb('after').$type<Record<string, unknown> | null>(),
    /** The action that this one undoes. */
    compensatesId: uuid('compensates_id'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.compensatesId], foreignColumns: [t.projectId, t.id] }),
    uniqueIndex('actions_compensates').on(t.projectId, t.compensatesId),
    index('actions_recent').on(t.projectId, t.createdAt.desc(), t.id.desc()),
  ],
)

/** Facts about this instance that outlive any project, as "the demo was removed on purpose". */
export const instanceNotes = pgTable('instance_notes', {
  name: text('name').primaryKey(),
  body: jsonb('body').$type<Record<string, unknown>>().notNull().default({}),
  createdAt: createdAt(),
})
