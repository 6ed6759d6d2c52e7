import 'server-only'
import type pg from 'pg'
import { getPool } from '@/db/client'
import type { ArrivalRefusal } from '@/db/schema/arrivals'
import { isPageOrigin } from '@/domain/page-origin'
import { getLog } from '@/platform/log'
import type { Credentials, ProjectScope } from './access'
import { externalHash } from './find-actor'

/** A request to a project and what was answered. Words are our own: they are cleared of what was sent before this. */
export interface Arrival {
  /** The project's slug or id as the address named it. */
  project: string
  /** Null when the door did not open. */
  scope: ProjectScope | null
  credentials: Credentials
  origin: string | null
  method: string
  route: string
  status: number
  code: string | null
  detail: string | null
  field: string | null
  events: { types: string[]; count: number; refused: number; refusals: ArrivalRefusal[] } | null
  tookMs: number
}

/** As it is written; what is left out is null in the table. */
interface Row {
  slug?: string
  project_id?: string
  session_id?: string
  external_hash?: string
  secret_hash?: string
  origin?: string | null
  method: string
  route: string
  status: number
  code: string | null
  detail?: string | null
  field?: string | null
  event_types?: string[] | undefined
  event_count?: number | undefined
  refusals?: ArrivalRefusal[] | undefined
  refused_count?: number | undefined
  took_ms: number
}

const flushEveryMs = 400
/** Of one project between two writes, of each sort: what is busier is counted, so that its cost stays the same. */
const mostTaken = 40
const mostRefused = 40
/** Of callers whom the door did not let in, of one project and minute. */
const mostStrangers = 60
const mostProjects = 500
const minuteMs = 60_000

interface Heap {
  rows: { row: Row; at: number }[]
  taken: number
  refused: number
  leftOut: number
}
interface Strangers {
  since: number
  noted: number
  leftOut: number
}
interface Buffer {
  pool: pg.Pool | null
  heaps: Map<string, Heap>
  strangers: Map<string, Strangers>
  timer: NodeJS.Timeout | null
  writing: Promise<void> | null
}
const shared = globalThis as typeof globalThis & { amendArrivals?: Buffer }

function buffer(): Buffer {
  shared.amendArrivals ??= {
    pool: null,
    heaps: new Map(),
    strangers: new Map(),
    timer: null,
    writing: null,
  }
  return shared.amendArrivals
}

/**
 * Notes a request for the inspector: in memory now, in the database within half a second, behind the answer. Under
 * pressure requests are counted instead of listed; a request is never slowed or refused by this.
 */
export function noteArrival(arrival: Arrival): void {
  const { scope, status } = arrival
  const refused = status >= 400 || (arrival.events?.refused ?? 0) > 0
  // People of this house reading their own pages is nothing that arrives.
  if (scope?.caller.kind === 'person' && !refused && arrival.method === 'GET') return
  const state = buffer()
  const name = scope?.projectId ?? arrival.project
  if (scope === null && !admitStranger(state, name)) return
  const heap = heapOf(state, name)
  if (!heap) return
  if (refused ? heap.refused >= mostRefused : heap.taken >= mostTaken) heap.leftOut += 1
  else {
    if (refused) heap.refused += 1
    else heap.taken += 1
    heap.rows.push({ row: toRow(arrival), at: performance.now() })
  }
  state.pool = getPool()
  state.timer ??= later(flushEveryMs)
}

/** Strangers can't fill the table: a few of each minute are listed, the others counted. */
function admitStranger(state: Buffer, project: string): boolean {
  const now = performance.now()
  let one = state.strangers.get(project)
  if (!one) {
    if (state.strangers.size >= mostProjects) return false
    one = { since: now, noted: 0, leftOut: 0 }
    state.strangers.set(project, one)
    setTimeout(() => endMinute(state, project), minuteMs).unref()
  }
  if (one.noted < mostStrangers) {
    one.noted += 1
    return true
  }
  one.leftOut += 1
  return false
}

function endMinute(state: Buffer, project: string): void {
  const leftOut = state.strangers.get(project)?.leftOut ?? 0
  state.strangers.delete(project)
  const heap = leftOut > 0 ? heapOf(state, project) : null
  if (!heap) return
  heap.leftOut += leftOut
  state.timer ??= later(0)
}

function heapOf(state: Buffer, project: string): Heap | null {
  const found = state.heaps.get(project)
  if (found) return found
  if (state.heaps.size >= mostProjects) return null
  const heap = { rows: [], taken: 0, refused: 0, leftOut: 0 }
  state.heaps.set(project, heap)
  return heap
}

const later = (ms: number) => setTimeout(() => void flushArrivals(), ms).unref()

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const addressed = (project: string) => (uuid.test(project) ? { project_id: project } : { slug: project })

function toRow(arrival: Arrival): Row {
  const { scope, credentials, events } = arrival
  const caller = scope?.caller
  return {
    ...addressed(scope?.projectId ?? arrival.project),
    ...(credentials.kind === 'session' ? { session_id: credentials.sessionId } : {}),
    ...(credentials.kind === 'key' ? { secret_hash: credentials.secretHash } : {}),
    ...(scope && caller?.kind === 'key' && caller.speaksFor !== null
      ? { external_hash: externalHash(scope.projectId, caller.speaksFor) }
      : {}),
    origin: arrival.origin === null || isPageOrigin(arrival.origin) ? arrival.origin : 'null',
    method: arrival.method,
    route: arrival.route,
    status: arrival.status,
    code: arrival.code,
    detail: arrival.detail,
    field: arrival.field,
    event_types: events?.types,
    event_count: events?.count,
    refusals: events?.refusals,
    refused_count: events?.refused,
    took_ms: arrival.tookMs,
  }
}

/** So many more came than are listed. */
const countedRow = (project: string, leftOut: number): Row => ({
  ...addressed(project),
  method: '',
  route: '',
  status: 0,
  code: 'left_out',
  event_count: leftOut,
  took_ms: 0,
})

const insertSql = `
  INSERT INTO arrivals (project_id, at, caller_kind, key_id, origin, pseudonym, method, route, status, code, detail, field,
    event_types, event_count, refusals, refused_count, took_ms)
  SELECT p.id, amend.now() - r.age_ms * interval '1 millisecond',
    CASE WHEN m.user_id IS NOT NULL THEN 'person' WHEN k.id IS NOT NULL THEN 'key' ELSE 'unknown' END,
    k.id, r.origin, a.pseudonym, r.method, r.route, r.status, r.code, r.detail, r.field,
    r.event_types, r.event_count, r.refusals, r.refused_count, r.took_ms
  FROM json_to_recordset($1::json) AS r(slug text, project_id uuid, age_ms float8, session_id uuid, external_hash text,
    secret_hash text, origin text, method text, route text, status int, code text, detail text, field text,
    event_types text[], event_count int, refusals jsonb, refused_count int, took_ms float8)
  JOIN projects p ON p.id = r.project_id OR p.slug = r.slug
  LEFT JOIN api_keys k ON k.secret_hash = r.secret_hash AND k.project_id = p.id
  LEFT JOIN sessions s ON s.id = r.session_id
  LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = s.user_id
  LEFT JOIN actors a ON a.project_id = p.id AND (a.user_id = m.user_id OR a.external_hash = r.external_hash)`

/** Writes what was noted. One write at a time: while the database is slow, requests are counted. */
export async function flushArrivals(): Promise<void> {
  const state = buffer()
  if (state.timer) clearTimeout(state.timer)
  state.timer = null
  if (state.writing) {
    state.timer = later(flushEveryMs)
    return state.writing
  }
  const now = performance.now()
  const rows: (Row & { age_ms: number })[] = []
  for (const [project, heap] of state.heaps) {
    for (const { row, at } of heap.rows) rows.push({ ...row, age_ms: now - at })
    if (heap.leftOut > 0) rows.push({ ...countedRow(project, heap.leftOut), age_ms: 0 })
  }
  state.heaps.clear()
  const { pool } = state
  if (rows.length === 0 || !pool || pool.ending) return
  state.writing = pool
    .query(insertSql, [JSON.stringify(rows)])
    .then(
      () => {},
      (error: unknown) => getLog().debug({ err: error }, 'What arrived was not noted'),
    )
    .finally(() => {
      state.writing = null
    })
  await state.writing
}
