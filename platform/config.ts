import path from 'node:path'
import { z } from 'zod'
import { Failure } from './failure'

const flag = z
  .enum(['0', '1', 'false', 'true', 'on', 'off'])
  .transform(v => v === '1' || v === 'true' || v === 'on')
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/.+/, 'must look like postgres://user:password@host:5432/name')

/** Every variable that Amend reads, with what it may hold. `docs/operations.md` lists them for people. */
const environment = z.object({
  AMEND_HOME: z.string().min(1).default('.amend'),
  AMEND_ROOT: z.string().min(1).optional(),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_DIRECT_URL: postgresUrl.optional(),
  AMEND_PREPARED: flag.default(true),
  AMEND_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(16),
  NODE_ENV: z.enum(['development', 'production', 'test']).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  LOG_FORMAT: z.enum(['json', 'human']).optional(),
  AUTH_URL: z.url().optional(),
  AUTH_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  AMEND_JOBS: z.coerce.number().int().min(0).max(16).default(1),
  AMEND_NEW_PROJECTS: z.enum(['anyone', 'admins']).default('anyone'),
  AMEND_SUGGEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_500).default(1_500),
  AMEND_ALLOW_PRIVATE_URLS: flag.default(false),
  AMEND_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/.+/, 'must look like smtp://user:password@host:587')
    .optional(),
  AMEND_MAIL_FROM: z.string().min(3).default('Amend <amend@localhost>'),
  AMEND_TEST: flag.default(false),
})

export interface Config {
  /** The folder with package.json: migrations, binaries and the built app are found from here. Absolute. */
  root: string
  /** The state folder (AMEND_HOME). Absolute. */
  home: string
  port: number
  host: string
  /** null: the embedded Postgres. */
  databaseUrl: string | null
  /** Past a pooler, for migrations, backup and LISTEN; null: the same as `databaseUrl`. */
  databaseDirectUrl: string | null
  /** False behind a transaction pooler, where statement names and session settings do not survive. */
  preparedStatements: boolean
  poolSize: number
  /** NODE_ENV as the operator gave it. */
  production: boolean
  logLevel: string | null
  logFormat: 'json' | 'human' | null
  /** The address people see (AUTH_URL), where it is not http://HOST:PORT. */
  publicUrl: string | null
  /** AUTH_SECRET; null: the generated one of the state folder. */
  authSecret: string | null
  /** How many jobs the server works on at once (AMEND_JOBS); 0 leaves them to `amend worker`. */
  jobs: number
  /** Who may make a project in the page: anyone who is signed in, or those who administer the instance. */
  newProjects: 'anyone' | 'admins'
  /** How long a person waits for a suggestion before the manual path goes on alone (AMEND_SUGGEST_TIMEOUT_MS). */
  suggestTimeoutMs: number
  /** Whether addresses that people type may lead into private networks (AMEND_ALLOW_PRIVATE_URLS). */
  allowPrivateUrls: boolean
  /** Where mail goes out (AMEND_SMTP_URL); null: no mail is offered anywhere. */
  smtpUrl: string | null
  /** Whom mail is from (AMEND_MAIL_FROM). */
  mailFrom: string
  /** AMEND_TEST=1: the database's clock can be shifted. Refused with DATABASE_URL in production. */
  testMode: boolean
}

/** Reads the environment; throws a Failure that names the variable, what is wrong with it and never its value. */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const name = String(issue?.path[0] ?? 'The environment')
    throw new Failure(`${name} ${wording(issue?.message)}. Correct it, or leave it out.`, 2)
  }
  const value = parsed.data
  const production = value.NODE_ENV === 'production'
  if (production && value.DATABASE_URL && !value.AUTH_SECRET)
    throw new Failure(
      'AUTH_SECRET is missing. With NODE_ENV=production and DATABASE_URL every server needs the same one: set it to 32 or more random characters (openssl rand -base64 48).',
      2,
    )
  if (value.AMEND_TEST && production && value.DATABASE_URL)
    throw new Failure(
      'AMEND_TEST makes the clock of the database movable and is refused in production. Leave it out.',
      2,
    )
  const root = path.resolve(/* turbopackIgnore: true */ value.AMEND_ROOT ?? process.cwd())
  return {
    root,
    home: path.resolve(/* turbopackIgnore: true */ root, value.AMEND_HOME),
    port: value.PORT,
    host: value.HOST,
    databaseUrl: value.DATABASE_URL ?? null,
    databaseDirectUrl: value.DATABASE_DIRECT_URL ?? null,
    preparedStatements: value.AMEND_PREPARED,
    poolSize: value.AMEND_POOL_SIZE,
    production,
    logLevel: value.LOG_LEVEL ?? null,
    logFormat: value.LOG_FORMAT ?? null,
    publicUrl: value.AUTH_URL ?? null,
    authSecret: value.AUTH_SECRET ?? null,
    jobs: value.AMEND_JOBS,
    suggestTimeoutMs: value.AMEND_SUGGEST_TIMEOUT_MS,
    newProjects: value.AMEND_NEW_PROJECTS,
    allowPrivateUrls: value.AMEND_ALLOW_PRIVATE_URLS,
    smtpUrl: value.AMEND_SMTP_URL ?? null,
    mailFrom: value.AMEND_MAIL_FROM,
    testMode: value.AMEND_TEST,
  }
}

function wording(message = 'is wrong') {
  return /^(must|is) /.test(message) ? message : `is not valid: ${message.replace(/^Invalid input: /, '')}`
}

const shared = globalThis as { __amendConfig?: Config }

/** The configuration of this process, read once; both module graphs of the server see the same one. */
export function getConfig(): Config {
  shared.__amendConfig ??= parseConfig(process.env)
  return shared.__amendConfig
}

/** Puts a configuration in place of the environment's: for the command line's flags and for tests. */
export function setConfig(config: Config): void {
  shared.__amendConfig = config
}
