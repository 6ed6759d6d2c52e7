import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { makeDatasetBody } from '@/contract/v1/datasets'
import { restoreBackup, takeBackup } from '@/db/backup'
import { pointAtDatabase } from '@/db/client'
import { startEmbeddedPostgres } from '@/db/embedded-postgres'
import { getSecrets, openHome } from '@/platform/home'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { exportVersion } from '@/server/export-version'
import { freezeDataset } from '@/server/freeze-dataset'
import { makeDataset } from '@/server/make-dataset'
import { recordFeedback } from '@/server/record-feedback'
import { freezeJob } from '@/server/run-freeze'
import { runJob } from '@/server/run-job'
import { verifyVersion } from '@/server/verify-version'
import { benchActor, type PreparedExposure, prepareExposures } from '../exposures'
import { makeProject } from '../workplace'
import type { Fault } from './fault'

const editsAtOnce = 100
const editsEachTime = 1_000
const rows = 500

export const frozenVersion: Fault = {
  name: 'F9',
  breaks: '10k edits, a migration and a restore into another cluster after a freeze',
  holds: "the version's bytes and hashes are unchanged; UPDATE, DELETE and TRUNCATE on its rows fail",
  times: 10,
  async run({ workplace, times, say }) {
    const project = await makeProject(`f9-${Date.now().toString(36)}`)
    const exposures = await prepareExposures(project, rows)
    const scope = await openAsSystem(project.slug, benchActor)
    const people = exposures.map(startPerson)
    await send(
      scope,
      people.map(one => one.decide('First.')),
    )
    const { slug } = await makeDataset(
      scope,
      makeDatasetBody.parse({ name: 'Frozen', consumers: [{ name: 'Bench', purpose: 'other' }] }),
    )
    const began = performance.now()
    const version = await freezeDataset(scope, slug)
    await runJob(
      { 'freeze-dataset': freezeJob },
      { projectId: project.id, jobId: version.job?.id ?? '' },
      'bench',
      new AbortController().signal,
    )
    const freezeMs = Math.round(performance.now() - began)
    const before = await hashOf(scope, slug)
    const problems: string[] = []
    const check = async (after: string) => {
      const { sha256, contentSha256 } = await hashOf(scope, slug)
      if (sha256 !== before.sha256 || sha256 !== contentSha256) problems.push(`other bytes after ${after}`)
      const verdict = await verifyVersion(scope, slug, '1')
      if (!verdict.rowsHold || verdict.contentHolds !== true || verdict.rows !== rows)
        problems.push(`it does not verify after ${after}`)
    }
    let edits = 0
    while (edits < times * editsEachTime)
      for (let at = 0; at < people.length && edits < times * editsEachTime; at += editsAtOnce / 2) {
        const some = people.slice(at, at + editsAtOnce / 2)
        const events = some.flatMap(one => one.edit())
        await send(scope, events)
        edits += events.length
      }
    await check(`${edits} edits`)
    say(`${edits} edits sent`)
    // What a later release may do to these tables.
    await workplace.pool.query('ALTER TABLE dataset_rows ADD COLUMN added_later text')
    await workplace.pool.query('ALTER TABLE contents ADD COLUMN added_later integer DEFAULT 7')
    await check('a migration')
    await workplace.pool.query('ALTER TABLE dataset_rows DROP COLUMN added_later')
    await workplace.pool.query('ALTER TABLE contents DROP COLUMN added_later')
    problems.push(...(await refusals(workplace.pool)))

    const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-bench-elsewhere-'))
    const file = path.join(folder, 'backup.zip')
    await takeBackup(file, { url: workplace.url, root: workplace.root, storage: null })
    const elsewhere = path.join(folder, 'home')
    openHome(elsewhere)
    const other = await startEmbeddedPostgres({
      root: workplace.root,
      home: elsewhere,
      password: getSecrets().databasePassword,
    })
    try {
      await restoreBackup(file, { url: other.url, root: workplace.root, storage: null })
      await pointAtDatabase(other.url)
      await check('a restore elsewhere')
      const restored = new pg.Pool({ connectionString: other.url, max: 1 })
      problems.push(...(await refusals(restored).finally(() => restored.end())))
    } finally {
      await pointAtDatabase(workplace.url)
      await other.release({ hurry: true })
      rmSync(folder, { recursive: true, force: true })
    }
    return {
      target: 'F9',
      ok: problems.length === 0,
      figures: { rows, edits, freezeMs, bytes: before.bytes, sha256: before.sha256.slice(0, 16) },
      problems,
    }
  },
}

/** One person on one exposure: what stands is taken back and decided anew, again and again. */
function startPerson({ id: exposureId }: PreparedExposure) {
  const sessionId = randomUUID()
  let clientSeq = 0
  let stands = ''
  const event = (type: string, more: object) => ({
    id: uuidv7(),
    exposureId,
    sessionId,
    clientSeq: clientSeq++,
    type,
    ...more,
  })
  const decide = (text: string) => {
    const written = event('written', { after: { text } })
    stands = written.id
    return written
  }
  return {
    decide: (text: string) => [event('shown', {}), decide(text)],
    edit: () => [event('undone', { targetEventId: stands }), decide(`Edit ${clientSeq}.`)],
  }
}

async function send(scope: ProjectScope, events: readonly (object | object[])[]): Promise<void> {
  const all = events.flat()
  for (let at = 0; at < all.length; at += editsAtOnce) {
    const answers = await recordFeedback(scope, all.slice(at, at + editsAtOnce))
    const refused = answers.find(answer => answer.status === 'refused')
    if (refused) throw new Error(`an edit was refused: ${refused.detail}`)
  }
}

async function hashOf(scope: ProjectScope, slug: string) {
  const file = await exportVersion(scope, slug, '1', { format: 'jsonl', formulas: 'off' })
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of file.stream) {
    hash.update(piece)
    bytes += piece.length
  }
  return { sha256: hash.digest('hex'), bytes, contentSha256: file.version.contentSha256 }
}

async function refusals(pool: pg.Pool): Promise<string[]> {
  const problems: string[] = []
  for (const sql of [
    `UPDATE dataset_rows SET split = 'test'`,
    'DELETE FROM dataset_rows',
    'TRUNCATE dataset_rows',
    'UPDATE dataset_versions SET row_count = 0',
    'DELETE FROM dataset_versions',
  ])
    await pool.query(sql).then(
      () => problems.push(`not refused: ${sql}`),
      () => {},
    )
  return problems
}
