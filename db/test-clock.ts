import type pg from 'pg'

export const SHIFTABLE_CLOCK = `
  create schema if not exists amend;
  create table if not exists amend.test_clock (shift interval not null);
  insert into amend.test_clock select interval '0' where not exists (select from amend.test_clock);
  create or replace function amend.now() returns timestamptz language sql volatile
    as $$ select clock_timestamp() + (select shift from amend.test_clock) $$;
`

/** Makes `amend.now()` movable in this database. Never called on a real one: AMEND_TEST=1 or a test database only. */
export async function installTestClock(client: pg.ClientBase): Promise<void> {
  await client.query(SHIFTABLE_CLOCK)
}

/** Moves `amend.now()` forward by an interval such as '1 day' or '8 seconds'. */
export async function shiftClock(client: pg.ClientBase | pg.Pool, interval: string): Promise<void> {
  await client.query('update amend.test_clock set shift = shift + $1::interval', [interval])
}

/** Puts `amend.now()` back to the present. */
export async function resetClock(client: pg.ClientBase | pg.Pool): Promise<void> {
  await client.query("update amend.test_clock set shift = interval '0'")
}
