import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHome } from '@/platform/home'
import { processIdentity } from '@/platform/process-identity'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { runningUrl } from './running-postgres'

const root = path.resolve(import.meta.dirname, '..')
const password = 'embedded-postgres-test-embedded-postgres-test'

const ask = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function askUntilAnswered(url: () => string | null, sql: string, limitMs: number) {
  const began = performance.now()
  while (true) {
    try {
      return { rows: await ask(url() ?? '', sql), ms: performance.now() - began }
    } catch (error) {
      if (performance.now() - began > limitMs) throw error
      await sleep(50)
    }
  }
}

describe('the embedded Postgres', () => {
  const home = mkdtempSync(path.join(os.tmpdir(), 'amend-embedded-'))
  let server: EmbeddedPostgres
  const start = (more = {}) => startEmbeddedPostgres({ root, home, password, ...more })
  beforeAll(async () => {
    chmodSync(home, 0o711)
    openHome(home)
    server = await start()
  })
  afterAll(async () => {
    await server?.release({ hurry: true })
    rmSync(home, { recursive: true, force: true })
  })

  it('is durable, listens on loopback only, asks for the password, and its application role is no superuser', async () => {
    const [settings] = await ask(
      server.url,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('listen_addresses') as listen, rolsuper from pg_roles where rolname = current_user`,
    )
    expect(settings).toEqual({ fsync: 'on', commit: 'on', listen: '127.0.0.1', rolsuper: false })
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
    expect(runningUrl(home, password)).toBe(server.url)
  })

  it('is shared: a second start joins it, and only the last one to leave stops it', async () => {
    const [second, third] = await Promise.all([start(), start()])
    expect([second.pid, third.pid]).toEqual([server.pid, server.pid])
    expect(second.started || third.started).toBe(false)
    await second.release()
    await third.release()
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('comes back by itself after kill -9, at the same port, with everything that was acknowledged', async () => {
    await server.release()
    expect(processIdentity(server.pid)).toBeNull()
    const events: { restartedMs?: number }[] = []
    server = await start({ onDeath: (event: { restartedMs?: number }) => events.push(event) })
    await ask(server.url, 'create table kept (n int)')
    for (let round = 1; round <= 3; round++) {
      await ask(server.url, `insert into kept values (${round})`)
      const pid = Number.parseInt(readFileSync(path.join(server.dataFolder, 'postmaster.pid'), 'utf8'), 10)
      process.kill(pid, 'SIGKILL')
      const { rows, ms } = await askUntilAnswered(
        () => server.url,
        'select count(*)::int as n from kept',
        10_000,
      )
      expect(rows).toEqual([{ n: round }])
      expect(ms).toBeLessThan(10_000)
      while (events.length < round) await sleep(20)
    }
    expect(events.every(event => event.restartedMs !== undefined)).toBe(true)
  })

  it('starts over a postmaster.pid whose number now belongs to a stranger', async () => {
    await server.release()
    const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 30000)'])
    try {
      writeFileSync(
        path.join(server.dataFolder, 'postmaster.pid'),
        [stranger.pid, server.dataFolder, 1, server.port, '', '127.0.0.1', '', 'ready'].join('\n'),
      )
      expect(runningUrl(home, password)).toBeNull()
      server = await start()
      expect(server.started).toBe(true)
      expect(processIdentity(stranger.pid ?? 0)).not.toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  it('forgets a user that was killed, so that the last living one still stops the server', async () => {
    writeFileSync(path.join(home, 'postgres', 'users', '999999999-gone'), '999999999:1')
    await server.release()
    expect(processIdentity(server.pid)).toBeNull()
    server = await start()
  })

  it('says in one sentence that the password is not the one of this folder', async () => {
    await expect(start({ password: 'x'.repeat(40) })).rejects.toThrow(
      /does not accept the password in secrets.json/,
    )
  })

  it('says in one sentence what to do where there are no binaries', async () => {
    const empty = mkdtempSync(path.join(os.tmpdir(), 'amend-nothing-'))
    openHome(empty)
    await expect(startEmbeddedPostgres({ root: empty, home: empty, password })).rejects.toThrow(
      /Set DATABASE_URL/,
    )
    rmSync(empty, { recursive: true, force: true })
  })
})
