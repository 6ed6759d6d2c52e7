import type pg from 'pg'
import { openClient } from './client'

/** The rows of a query that ran once, taken piece by piece. */
export interface HeldList<Row> {
  /** The next of them; fewer than asked for at the end. */
  next(count: number): Promise<Row[]>
  close(): Promise<void>
}

/**
 * Runs a query once and keeps its rows where Postgres spills them, on a connection of its own: no snapshot is held
 * meanwhile, and what takes them piece by piece never selects or sorts again.
 */
export async function holdList<Row extends pg.QueryResultRow>(
  text: string,
  values: readonly unknown[],
): Promise<HeldList<Row>> {
  const client = await openClient()
  try {
    await client.query('BEGIN READ ONLY; SET LOCAL statement_timeout = 0')
    await client.query(`DECLARE held NO SCROLL CURSOR WITH HOLD FOR ${text}`, [...values])
    await client.query('COMMIT')
  } catch (error) {
    await client.end()
    throw error
  }
  return {
    next: async count => (await client.query<Row>(`FETCH ${Math.trunc(count)} FROM held`)).rows,
    close: () => client.end(),
  }
}
