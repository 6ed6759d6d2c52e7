import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium } from '@playwright/test'
import { encode } from 'next-auth/jwt'
import { findBrowser } from '@/platform/browser'
import { authSecret, sessionCookie } from '@/server/auth-cookie'
import type { Workplace } from './workplace'

export function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser()
  return chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
}

/** A queue of the demo, once it has something in it. */
export async function findDemoQueue({ pool }: Workplace, slug: string): Promise<string> {
  for (let tries = 0; tries < 150; tries += 1) {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT q.id FROM queues q JOIN projects p ON p.id = q.project_id
       WHERE p.slug = $1 AND EXISTS (SELECT FROM queue_entries e WHERE e.project_id = q.project_id AND e.queue_id = q.id)
       ORDER BY q.created_at, q.id LIMIT 1`,
      [slug],
    )
    if (rows[0]) return rows[0].id
    await sleep(200)
  }
  throw new Error(`The demo project ${slug} has no filled queue`)
}

export async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await Promise.race([new Promise(resolve => child.once('exit', resolve)), sleep(12_000)])
}

/** A session of an owner of the demo project, and the cookie that a browser would have. */
export async function signIn({ pool }: Workplace): Promise<{ name: string; value: string }> {
  const [userId, sessionId] = [randomUUID(), randomUUID()]
  await pool.query(`INSERT INTO users (id, email, name) VALUES ($1, $2, 'Bench')`, [
    userId,
    `${userId}@example.test`,
  ])
  await pool.query(
    `INSERT INTO memberships (project_id, user_id, role) SELECT id, $1, 'owner' FROM projects WHERE slug IN ('demo', 'album')`,
    [userId],
  )
  await pool.query(
    `INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')`,
    [sessionId, userId],
  )
  const { name } = sessionCookie()
  return { name, value: await encode({ token: { sid: sessionId }, secret: authSecret(), salt: name }) }
}

export function start(cwd: string, args: string[], env: Record<string, string>): ChildProcess {
  const stdio = process.env.BENCH_LOG ? 'inherit' : 'ignore'
  return spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', stdio, stdio],
  })
}

export async function run(cwd: string, args: string[]): Promise<void> {
  const child = start(cwd, args, {})
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}. BENCH_LOG=1 shows why.`)
}

export async function waitForPage(url: string): Promise<void> {
  const began = performance.now()
  while (performance.now() - began < 90_000) {
    if (
      await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) }).then(
        answer => answer.status < 500,
        () => false,
      )
    )
      return
    await sleep(200)
  }
  throw new Error(`${url} did not come up`)
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
