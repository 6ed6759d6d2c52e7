import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from './client'
import { listMigrations, migrate, migrationState } from './migrate'
import { createTestDatabase, type TestDatabase } from './test-db'

describe('migrations', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase({ empty: true })
  })
  afterAll(() => database.close())

  it('runs each migration exactly once when two servers start at the same moment', async () => {
    const [first, second] = await Promise.all([
      migrate({ url: database.url }),
      migrate({ url: database.url }),
    ])
    const names = [...first, ...second].map(m => m.name)
    expect(names).toEqual(listMigrations().map(m => m.name))
    const { rows } = await database.pool.query('select count(*) as count from drizzle.__drizzle_migrations')
    expect(Number(rows[0].count)).toBe(listMigrations().length)
  })

  it('finds nothing to do on a database that is up to date, and asks for no backup', async () => {
    let asked = false
    const done = await migrate({
      url: database.url,
      beforeMigrate: async () => {
        asked = true
      },
    })
    expect(done).toEqual([])
    expect(asked).toBe(false)
  })

  it('refuses a database that a newer version has migrated', async () => {
    const client = await openClient(database.url)
    try {
      await client.query('begin')
      await client.query(
        "insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', 99999999999999)",
      )
      await expect(migrationState(client)).rejects.toThrow(/newer version of Amend/)
    } finally {
      await client.query('rollback')
      await client.end()
    }
  })
})
