import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { openClient, pointAtDatabase } from '@/db/client'
import { migrate } from '@/db/migrate'
import { openDatabase } from '@/db/open-database'
import { embeddedUrl, readLocation, readPostmaster } from '@/db/running-postgres'
import { type Config, parseConfig, setConfig } from '@/platform/config'
import { getSecrets, isRoot, resetSecrets } from '@/platform/home'
import { createProject } from '@/server/create-project'
import { makeKey } from '@/server/make-key'

/** A state folder of its own with its own embedded Postgres, durable as the product's, gone when it is closed. */
export interface Workplace {
  root: string
  home: string
  config: Config
  url: string
  /** A few connections past the app. They break with the database and come back with it. */
  pool: pg.Pool
  close(): Promise<void>
}

export interface BenchProject {
  id: string
  slug: string
  /** An admin key; it speaks for whom `Amend-Actor` names. */
  key: string
}

export const rootFolder = () => path.resolve(process.env.AMEND_ROOT ?? process.cwd())

export async function openWorkplace(name: string): Promise<Workplace> {
  const home = mkdtempSync(path.join(os.tmpdir(), `amend-bench-${name}-`))
  const root = rootFolder()
  const config = { ...parseConfig({ AMEND_HOME: home, AMEND_ROOT: root }), logLevel: 'silent' }
  resetSecrets()
  setConfig(config)
  const database = await openDatabase(config)
  await migrate({ root })
  const pool = new pg.Pool({ connectionString: database.url, max: 4 })
  pool.on('error', () => {})
  return {
    root,
    home,
    config,
    url: database.url,
    pool,
    async close() {
      await pool.end()
      await pointAtDatabase(null)
      await database.close()
      const folder = readLocation(home)?.dataFolder
      // As root the data may lie outside a folder that "nobody" can't enter.
      if (folder && isRoot() && !folder.startsWith(home))
        rmSync(path.dirname(folder), { recursive: true, force: true })
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The address of the workplace's Postgres as it runs now; it stays the same over a restart. */
export function runningPostgres(home: string): { pid: number; url: string } | null {
  const location = readLocation(home)
  const postmaster = location && readPostmaster(location.dataFolder)
  return postmaster
    ? { pid: postmaster.pid, url: embeddedUrl(postmaster.port, getSecrets().databasePassword) }
    : null
}

export async function makeProject(slug: string): Promise<BenchProject> {
  const { projectId } = await createProject({ slug, name: slug, taskType: 'smart-reply' })
  const { key } = await makeKey(
    { projectId, system: true },
    { name: 'bench', scope: 'admin', expiresInDays: 1 },
  )
  return { id: projectId, slug, key }
}

/** Runs SQL that may take minutes on a connection without time-outs. */
export async function runLong<T extends pg.QueryResultRow>(
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = await openClient()
  try {
    await client.query('SET statement_timeout = 0')
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}
