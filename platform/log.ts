import pino from 'pino'
import { getConfig } from './config'

const secretKey =
  /authorization|cookie|password|passwd|token|secret|apikey|api_key|salt|credential|connectionstring|database_?url/i
const contentKey = /^(body|payload|content|contents|text|params|parameters|before|after|value)$/i
const MAX_DEPTH = 6

/** A copy of what is to be logged without credentials and without anything people wrote. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(/(postgres(?:ql)?:\/\/[^:@/\s]*):[^@\s]*@/gi, '$1:***@')
  if (value instanceof Error) return describeError(value, depth)
  if (value === null || typeof value !== 'object') return value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.slice(0, 50).map(entry => redact(entry, depth + 1))
  const out: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    if (secretKey.test(key)) out[key] = '[redacted]'
    else if (contentKey.test(key)) out[key] = '[content]'
    else out[key] = redact(entry, depth + 1)
  }
  return out
}

interface LooseError extends Error {
  code?: unknown
  severity?: unknown
  constraint?: unknown
  table?: unknown
  column?: unknown
  routine?: unknown
  query?: unknown
}

/**
 * Postgres puts values into the messages of data exceptions (class 22) and into every DETAIL, and drizzle appends the
 * parameters of the failed query: none of that may reach a log, so only codes and names are kept.
 */
function describeError(error: LooseError, depth: number): Record<string, unknown> {
  const fromPostgres = typeof error.severity === 'string' && typeof error.code === 'string'
  const fromDrizzle = typeof error.query === 'string'
  let message = error.message
  if (fromPostgres && String(error.code).startsWith('22')) message = 'data exception'
  if (fromDrizzle) message = 'a query failed'
  const stack = error.stack?.split('\n').filter(line => /^\s+at /.test(line))
  return {
    type: error.name,
    message: redact(message),
    ...(error.code !== undefined && { code: error.code }),
    ...(fromPostgres && {
      constraint: error.constraint,
      table: error.table,
      column: error.column,
      routine: error.routine,
    }),
    ...(fromDrizzle && { query: String(error.query).slice(0, 500) }),
    stack: stack?.slice(0, 12).join('\n'),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: redact(error.cause, depth + 1) }),
  }
}

function humanLine(line: string): string {
  const entry = JSON.parse(line) as {
    level: number
    time: number
    msg?: string
    err?: { message?: string; code?: string }
  }
  const level = entry.level >= 50 ? 'error' : entry.level >= 40 ? 'warning' : 'note'
  const reason = entry.err ? ` (${[entry.err.code, entry.err.message].filter(Boolean).join(' ')})` : ''
  return `${new Date(entry.time).toISOString().slice(11, 19)} ${level}: ${entry.msg ?? ''}${reason}\n`
}

function createLog(): pino.Logger {
  const config = getConfig()
  const human = config.logFormat === 'human'
  const level = config.logLevel ?? (human ? 'warn' : process.env.VITEST ? 'silent' : 'info')
  return pino(
    {
      level,
      base: { pid: process.pid },
      formatters: { log: entry => redact(entry) as Record<string, unknown> },
      serializers: { err: (value: unknown) => value },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args as unknown as [unknown, ...unknown[]]
          const safe = first instanceof Error ? { err: first } : first
          method.apply(this, [safe, ...rest] as unknown as Parameters<typeof method>)
        },
      },
    },
    { write: (line: string) => void process.stderr.write(human ? humanLine(line) : line) },
  )
}

const shared = globalThis as { __amendLog?: pino.Logger }

/** The log of this process: JSON lines on stderr, without credentials, request bodies or anything people wrote. */
export function getLog(): pino.Logger {
  shared.__amendLog ??= createLog()
  return shared.__amendLog
}

/** Starts the log afresh after the configuration was replaced. */
export function resetLog(): void {
  delete shared.__amendLog
}
