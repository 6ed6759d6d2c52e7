import type pg from 'pg'
import { pointAtDatabase } from '@/db/client'
import { replayDecisions } from '@/server/replay-decisions'

/** What a client knows of one event that it sent, however often. */
export interface LedgerEntry {
  id: string
  exposureId: string
  /** As sent, with its id. */
  event: Record<string, unknown>
  sends: number
  /** The answers that said "stored", as JSON; they must all be the same. */
  acknowledged: string[]
  /** Wall-clock-free order of the first acknowledgement, for "acknowledged before …". */
  acknowledgedAt: number | null
  refused: string | null
}

/** The client's own book: what it sent and what it was told. */
export class Ledger {
  readonly entries = new Map<string, LedgerEntry>()
  answers = 0
  failures = 0

  send(event: Record<string, unknown> & { id: string; exposureId: string }): LedgerEntry {
    let entry = this.entries.get(event.id)
    if (!entry) {
      entry = {
        id: event.id,
        exposureId: event.exposureId,
        event,
        sends: 0,
        acknowledged: [],
        acknowledgedAt: null,
        refused: null,
      }
      this.entries.set(event.id, entry)
    }
    entry.sends++
    return entry
  }

  acknowledge(entry: LedgerEntry, answer: unknown): void {
    this.answers++
    entry.acknowledged.push(JSON.stringify(answer))
    entry.acknowledgedAt ??= performance.now()
  }

  get acknowledged(): LedgerEntry[] {
    return [...this.entries.values()].filter(entry => entry.acknowledged.length > 0)
  }

  get unsure(): LedgerEntry[] {
    return [...this.entries.values()].filter(
      entry => entry.acknowledged.length === 0 && entry.refused === null,
    )
  }
}

export interface Verdict {
  ok: boolean
  acknowledged: number
  /** Sent, never answered, and found stored once: allowed. */
  storedUnanswered: number
  /** Sent, never answered, and not stored: allowed. */
  lostUnanswered: number
  /** Exposures whose whole log was folded again. */
  folded: number
  problems: string[]
}

interface StoredEvent {
  id: string
  exposure_id: string
  type: string
  target_event_id: string | null
  candidate_id: string | null
  client_seq: number
  written: unknown
  has_content: boolean
  rows: number
  keys: number
  answer: unknown
}

const storedSql = `
  SELECT f.id, f.exposure_id, f.type, f.target_event_id, f.candidate_id, f.client_seq, c.body AS written, f.after_content_id IS NOT NULL AS has_content,
    count(*) OVER (PARTITION BY f.id)::int AS rows, (SELECT count(*)::int FROM event_keys k WHERE k.project_id = f.project_id AND k.event_id = f.id) AS keys,
    (SELECT k.answer FROM event_keys k WHERE k.project_id = f.project_id AND k.event_id = f.id) AS answer
  FROM feedback_events f LEFT JOIN contents c ON c.project_id = f.project_id AND c.id = f.after_content_id
  WHERE f.project_id = $1`

export interface CheckOptions {
  /** Entries that this database may lack although they were acknowledged: those after a backup began. */
  mayLack?: (entry: LedgerEntry) => boolean
  /** Where `url` differs from the one this process points at, the fold reads there. */
  url?: string
}

/**
 * Compares the client's book with the database: every acknowledged event stored exactly once and as it was sent,
 * everything else once or never, nothing that was never sent, no half of a transaction, and the decisions and
 * deliveries are those that the log folds to.
 */
export async function checkLedger(
  ledger: Ledger,
  pool: pg.Pool | pg.Client,
  projectId: string,
  { mayLack = () => false, url }: CheckOptions = {},
): Promise<Verdict> {
  const problems: string[] = []
  const say = (text: string) => {
    if (problems.length < 20) problems.push(text)
  }
  const { rows } = await pool.query<StoredEvent>(storedSql, [projectId])
  const stored = new Map(rows.map(row => [row.id, row]))
  let storedUnanswered = 0
  let lostUnanswered = 0
  for (const entry of ledger.entries.values()) {
    const row = stored.get(entry.id)
    const isAcknowledged = entry.acknowledged.length > 0
    if (!row) {
      if (isAcknowledged && !mayLack(entry))
        say(`${entry.id} (${entry.event.type}) was acknowledged and is not stored`)
      else if (!isAcknowledged) lostUnanswered++
      continue
    }
    if (!isAcknowledged) storedUnanswered++
    if (row.rows !== 1) say(`${entry.id} is stored ${row.rows} times`)
    compareStored(entry, row, say)
  }
  for (const row of rows) {
    if (!ledger.entries.has(row.id) && row.type !== 'ignored')
      say(`${row.id} (${row.type}) is stored and was never sent`)
  }
  const { rows: halves } = await pool.query(
    `SELECT k.event_id AS id FROM event_keys k WHERE k.project_id = $1
       AND NOT EXISTS (SELECT FROM feedback_events f WHERE f.project_id = k.project_id AND f.id = k.event_id)
     UNION ALL SELECT c.id FROM contents c WHERE c.project_id = $1 AND c.kind = 'written'
       AND NOT EXISTS (SELECT FROM feedback_events f WHERE f.project_id = c.project_id AND f.after_content_id = c.id)`,
    [projectId],
  )
  for (const { id } of halves) say(`${id} is half of a transaction`)
  if (url) await pointAtDatabase(url)
  const { compared, different } = await replayDecisions(projectId)
  for (const id of different.slice(0, 5))
    say(`${await describeExposure(pool, projectId, id)}: not what its log folds to`)
  return {
    ok: problems.length === 0,
    acknowledged: ledger.acknowledged.length,
    storedUnanswered,
    lostUnanswered,
    folded: compared,
    problems,
  }
}

/** What happened on an exposure in the order of arrival, and what became of it, without a word that somebody wrote. */
export async function describeExposure(
  pool: pg.Pool | pg.Client,
  projectId: string,
  id: string,
): Promise<string> {
  const { rows } = await pool.query(
    `SELECT d.state, (SELECT string_agg(f.type || '#' || f.client_seq || to_char(f.server_time, '@MI:SS.MS'), ' ' ORDER BY f.seq) FROM feedback_events f
         WHERE f.project_id = d.project_id AND f.exposure_id = d.exposure_id) AS events,
       (SELECT string_agg(v.state || to_char(v.send_at, '@MI:SS.MS'), ' ' ORDER BY v.event_id, v.attempt) FROM deliveries v
         WHERE v.project_id = d.project_id AND v.exposure_id = d.exposure_id) AS deliveries
     FROM decisions d WHERE d.project_id = $1 AND d.exposure_id = $2`,
    [projectId, id],
  )
  const { state, events, deliveries } = rows[0]
  return `${id} (${events}; ${state}; deliveries: ${deliveries ?? 'none'})`
}

function compareStored(entry: LedgerEntry, row: StoredEvent, say: (text: string) => void): void {
  if (row.keys !== 1) say(`${entry.id} has ${row.keys} keys`)
  const sent = entry.event as {
    type: string
    exposureId: string
    clientSeq: number
    candidateId?: string
    targetEventId?: string
    after?: unknown
  }
  const same =
    row.type === sent.type &&
    row.exposure_id === sent.exposureId &&
    row.client_seq === sent.clientSeq &&
    (row.candidate_id ?? undefined) === sent.candidateId &&
    (row.target_event_id ?? undefined) === sent.targetEventId &&
    JSON.stringify(row.written ?? undefined) === JSON.stringify(sent.after)
  if (!same) say(`${entry.id} is stored otherwise than it was sent`)
  const answers = new Set(entry.acknowledged)
  if (answers.size > 1) say(`${entry.id} got ${answers.size} different answers`)
  const [told] = answers
  if (told === undefined) return
  const { id: _id, ...said } = JSON.parse(told) as Record<string, unknown>
  const kept = (row.answer ?? {}) as Record<string, unknown>
  const differs = Object.keys({ ...said, ...kept }).some(
    name => JSON.stringify(said[name]) !== JSON.stringify(kept[name]),
  )
  if (differs) say(`${entry.id} was answered otherwise than its stored answer`)
}
