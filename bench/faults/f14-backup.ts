import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { measureTables, restoreBackup, takeBackup, verifyBackup } from '@/db/backup'
import { openClient, pointAtDatabase } from '@/db/client'
import { startEmbeddedPostgres } from '@/db/embedded-postgres'
import { getSecrets, openHome } from '@/platform/home'
import { type Fault, type FaultResult, resultOf, setScene } from './fault'
import { checkLedger } from './ledger'
import { startPeople } from './people'

export const backupUnderWrites: Fault = {
  name: 'F14',
  breaks: 'a backup is taken while people write, and restored into another cluster',
  holds:
    "every table's hash is that of the backup's moment; F1's book holds for all that was acknowledged before it began",
  times: 3,
  async run(options) {
    const { times, people, workplace } = options
    const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-bench-elsewhere-'))
    const scene = await setScene('f14', options, { exposures: 2_000 + times * 6_000 })
    const elsewhere = path.join(folder, 'home')
    openHome(elsewhere)
    const other = await startEmbeddedPostgres({
      root: workplace.root,
      home: elsewhere,
      password: getSecrets().databasePassword,
    })
    let last: FaultResult | null = null
    const problems: string[] = []
    try {
      const crowd = startPeople(people, { url: () => scene.app.url, ...scene })
      try {
        for (let i = 0; i < times; i++) {
          await sleep(700)
          const acknowledgedBefore = performance.now()
          const file = path.join(folder, `backup-${i}.zip`)
          const began = performance.now()
          const { rows, takenAt } = await takeBackup(file, { url: workplace.url, root: workplace.root })
          const tookMs = Math.round(performance.now() - began)
          const writtenMeanwhile = scene.ledger.acknowledged.filter(
            entry => (entry.acknowledgedAt ?? 0) > acknowledgedBefore,
          ).length
          if (writtenMeanwhile === 0)
            problems.push('nobody wrote while the backup was taken, so it proves nothing')
          const target = await emptyDatabase(other.url, `restored_${i}`)
          await restoreBackup(file, { url: target, root: workplace.root })
          problems.push(...(await compareTables(workplace.url, target, file)))
          const restored = new pg.Pool({ connectionString: target, max: 2 })
          const verdict = await checkLedger(scene.ledger, restored, scene.project.id, {
            url: target,
            mayLack: entry => (entry.acknowledgedAt ?? 0) > acknowledgedBefore,
          }).finally(() => restored.end())
          await pointAtDatabase(workplace.url)
          last = resultOf('F14', scene.ledger, verdict, {
            backups: i + 1,
            rows,
            takenAt,
            tookMs,
            writtenMeanwhile,
          })
          problems.push(...last.problems)
        }
      } finally {
        await crowd.stop()
      }
      if (!last) throw new Error('no backup was taken')
      return { ...last, ok: problems.length === 0, problems }
    } finally {
      await pointAtDatabase(workplace.url)
      await scene.app.stop()
      await other.release({ hurry: true })
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function emptyDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const target = new URL(url)
  target.pathname = `/${name}`
  return target.href
}

/** Rows that a snapshot saw, picked afterwards by their transaction number and hashed in the order of their ids. */
const logHash = (table: string, where: string) =>
  `SELECT count(*)::int AS rows, encode(sha256(convert_to(coalesce(string_agg((to_jsonb(t) - 'xid')::text, E'\\n' ORDER BY t.id), ''), 'UTF8')), 'hex') AS sha256
   FROM ${table} t ${where}`

async function compareTables(source: string, target: string, file: string): Promise<string[]> {
  const problems: string[] = []
  const manifest = await verifyBackup(file)
  const [here, there] = await Promise.all([openClient(source), openClient(target)])
  try {
    const found = await measureTables(there)
    for (const table of manifest.tables.filter(one => one.schema !== 'drizzle')) {
      const restored = found.get(`${table.schema}.${table.name}`)
      if (restored?.rows !== table.rows || restored.sha256 !== table.sha256)
        problems.push(`${table.name} is not as it was backed up`)
    }
    // The backup's own hashes prove only that nothing was lost on the way. The log knows for itself what it held then.
    for (const table of ['feedback_events', 'exposures']) {
      await Promise.all(
        [here, there].map(client => client.query("SET timezone = 'UTC'; SET statement_timeout = 0")),
      )
      const [then, now] = await Promise.all([
        here.query(logHash(table, 'WHERE pg_visible_in_snapshot(t.xid, $1::pg_snapshot)'), [
          manifest.snapshot,
        ]),
        there.query(logHash(table, '')),
      ])
      if (JSON.stringify(then.rows) !== JSON.stringify(now.rows))
        problems.push(
          `${table} held ${then.rows[0].rows} rows at the backup's moment and ${now.rows[0].rows} were restored, or they differ`,
        )
    }
  } finally {
    await Promise.all([here.end(), there.end()])
  }
  return problems
}
