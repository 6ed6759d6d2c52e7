import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadOrder, measureTables, restoreBackup, takeBackup, verifyBackup } from './backup'
import { openClient } from './client'
import { createTestDatabase, type TestDatabase } from './test-db'

describe('backup and restore', () => {
  let source: TestDatabase
  const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-backup-'))
  const file = path.join(folder, 'amend.zip')
  beforeAll(async () => {
    source = await createTestDatabase()
    await source.pool.query(`
      insert into users (email, name, password_hash) select 'person' || n || '@example.org', 'Person ' || n, 'x' from generate_series(1, 200) n`)
  })
  afterAll(async () => {
    await source.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('taken during writes, holds one moment of all tables, and restores to the same hashes elsewhere', async () => {
    let writing = true
    let written = 0
    const writer = (async () => {
      while (writing) {
        await source.pool.query('insert into users (email, name, password_hash) values ($1, $2, $3)', [
          `late${written}@example.org`,
          'back\\slash,\ttab, "quote", line\nbreak, ünï \u{1F600}',
          'x',
        ])
        written++
      }
    })()
    while (written < 20) await new Promise(resolve => setTimeout(resolve, 5))
    const result = await takeBackup(file, { url: source.url })
    writing = false
    await writer
    expect(result.rows).toBeGreaterThanOrEqual(220)
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const manifest = await verifyBackup(file)
    const target = await createTestDatabase({ empty: true })
    const restored = await restoreBackup(file, { url: target.url })
    expect(restored.rows).toBe(result.rows)
    const client = await openClient(target.url)
    const found = await measureTables(client)
    await client.end()
    for (const table of manifest.tables.filter(t => t.schema !== 'drizzle'))
      expect(found.get(`${table.schema}.${table.name}`)).toEqual({ rows: table.rows, sha256: table.sha256 })
    const { rows } = await target.pool.query(
      "select name from users where email = 'late0@example.org' union all select count(*)::text from users",
    )
    expect(rows[0].name).toBe('back\\slash,\ttab, "quote", line\nbreak, ünï \u{1F600}')
    expect(Number(rows[1].name)).toBeGreaterThanOrEqual(220)
    expect(Number(rows[1].name)).toBeLessThanOrEqual(200 + written)
    await target.close()
  })

  it('refuses a database that holds something, and leaves it as it is', async () => {
    await expect(restoreBackup(file, { url: source.url })).rejects.toThrow(/already holds data \(users\)/)
  })

  it('refuses a damaged file before it touches the database', async () => {
    const damaged = path.join(folder, 'damaged.zip')
    const bytes = readFileSync(file)
    const at = bytes.indexOf('tables/public.users.copy') + 400
    for (let i = 0; i < 64; i++) bytes[at + i] = (bytes[at + i] ?? 0) ^ 0xff
    writeFileSync(damaged, bytes)
    const target = await createTestDatabase({ empty: true })
    await expect(restoreBackup(damaged, { url: target.url })).rejects.toThrow(/damaged/)
    const { rows } = await target.pool.query(
      "select count(*) as count from pg_tables where schemaname = 'public'",
    )
    expect(Number(rows[0].count)).toBe(0)
    await target.close()
  })

  it('leaves nothing behind when it fails half way', async () => {
    const { readdirSync } = await import('node:fs')
    await expect(takeBackup(path.join(folder, 'missing', 'x.zip'), { url: source.url })).rejects.toThrow()
    expect(readdirSync(folder).filter(name => name.includes('partial'))).toEqual([])
  })
})

describe('loadOrder', () => {
  it('puts what is referred to first and names the keys of a circle', () => {
    const keys = [
      { table: 'c', references: 'b' },
      { table: 'b', references: 'a' },
      { table: 'x', references: 'y' },
      { table: 'y', references: 'x' },
    ]
    const { order, circular } = loadOrder(['c', 'b', 'a', 'x', 'y'], keys)
    expect(order.indexOf('a')).toBeLessThan(order.indexOf('b'))
    expect(order.indexOf('b')).toBeLessThan(order.indexOf('c'))
    expect([...circular].sort()).toEqual(['x>y', 'y>x'])
  })
})
