import 'server-only'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import { getDb } from '@/db/client'
import { toMicros } from '@/db/instants'
import { cardMarkdown } from '@/domain/dataset-card'
import {
  type ArchiveFile,
  type ArchiveManifest,
  type ArchivePerson,
  archiveFiles,
  archiveFormat,
} from '@/domain/version-archive'
import { canonicalJson } from '@/platform/hash'
import type { ProjectScope } from './access'
import { asOfOf, inSnapshot } from './as-of'
import { contentsOf, type StoredRow } from './dataset-row'
import { describeCard } from './describe-card'
import { takeTurn } from './export-feedback'
import { type FoundVersion, findFrozen, type StoredDataset } from './find-dataset'
import { nameConsumer, noteDownload } from './name-consumer'
import { canonicalLine, lineFormatOf, readVersion } from './version-lines'

const groupsPerRead = 5000

export interface VersionArchive {
  stream: Readable
  mediaType: string
  fileName: string
  /** Notes the download; to be called before the first byte leaves. */
  begun(): Promise<void>
  version: FoundVersion
}

/** One file of the archive, written aside first: a tar names its length before its bytes. */
interface Draft {
  name: ArchiveFile
  file: string
  bytes: number
  sha256: string
}

/**
 * A frozen version with its evidence as one tar: what `amend verify` needs to follow every row from the log without our
 * server. The same version gives the same bytes, until something of it is erased or it is overtaken.
 *
 * @throws AmendError not_found, conflict (not frozen, no consumer), too_many_requests
 */
export async function archiveVersion(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
  consumerNamed?: string,
): Promise<VersionArchive> {
  const { dataset, version } = await findFrozen(scope, slugOrId, wanted)
  const consumer = nameConsumer(dataset, consumerNamed)
  const release = takeTurn()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'amend-archive-'))
  const end = async () => {
    release()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const drafts = await writeDrafts(scope.projectId, version, folder)
    const card = openDraft(folder, 'card.md')
    await card.write(cardMarkdown(await describeCard(scope, dataset.slug, String(version.number))))
    drafts.push(await card.close())
    const manifest = await manifestOf(scope.projectId, dataset, version, drafts)
    const tar = pack()
    const stream = new PassThrough()
    // Whoever stops reading stops the packing, and what was written aside goes either way.
    pipeline(tar, stream)
      .catch(() => {})
      .finally(end)
    fill(tar, Buffer.from(`${canonicalJson(manifest)}\n`), drafts, new Date(version.frozenAt ?? 0)).catch(
      error => stream.destroy(error),
    )
    return {
      stream,
      mediaType: 'application/x-tar',
      fileName: `${dataset.slug}-v${version.number}.tar`,
      begun: () => noteDownload(scope, version.id, { consumer, format: 'archive' }),
      version,
    }
  } catch (error) {
    await end()
    throw error
  }
}

async function fill(tar: Pack, manifest: Buffer, drafts: readonly Draft[], mtime: Date): Promise<void> {
  const facts = { mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', mtime, type: 'file' } as const
  await new Promise<void>((resolve, reject) =>
    tar.entry({ ...facts, name: 'manifest.json' }, manifest, (error?: Error | null) =>
      error ? reject(error) : resolve(),
    ),
  )
  for (const { name, file, bytes } of drafts)
    await pipeline(createReadStream(file), tar.entry({ ...facts, name, size: bytes }))
  tar.finalize()
}

function openDraft(folder: string, name: ArchiveFile) {
  const file = path.join(folder, name)
  const out = createWriteStream(file, { mode: 0o600 })
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async write(text: string): Promise<void> {
      const piece = Buffer.from(text)
      hash.update(piece)
      bytes += piece.length
      if (!out.write(piece)) await new Promise<void>(resolve => out.once('drain', () => resolve()))
    },
    async close(): Promise<Draft> {
      out.end()
      await finished(out)
      return { name, file, bytes, sha256: hash.digest('hex') }
    },
  }
}

const jsonLines = (rows: readonly unknown[]) => rows.map(row => `${canonicalJson(row)}\n`).join('')

async function writeDrafts(projectId: string, version: FoundVersion, folder: string): Promise<Draft[]> {
  const [data, rows, exposures, events] = [
    openDraft(folder, 'data.jsonl'),
    openDraft(folder, 'rows.jsonl'),
    openDraft(folder, 'exposures.jsonl'),
    openDraft(folder, 'events.jsonl'),
  ]
  const lineFormat = lineFormatOf(version)
  for await (const read of readVersion(projectId, version.id)) {
    await data.write(read.map(one => canonicalLine(one.line, lineFormat)).join(''))
    const evidence = await evidenceOf(
      projectId,
      version,
      read.map(one => one.row),
    )
    await rows.write(jsonLines(evidence.rows))
    await exposures.write(jsonLines(evidence.grounds))
    await events.write(jsonLines(evidence.events))
  }
  const drafts = [await data.close(), await rows.close(), await exposures.close(), await events.close()]
  const people = openDraft(folder, 'people.jsonl')
  await people.write(jsonLines(await peopleOf(projectId, version)))
  drafts.push(await people.close())
  const splits = openDraft(folder, 'splits.jsonl')
  for await (const groups of groupsOf(projectId, version.id)) await splits.write(jsonLines(groups))
  drafts.push(await splits.close())
  for (const [name, read] of [
    ['specifications.json', specificationsOf],
    ['checks.json', checksOf],
  ] as const) {
    const file = openDraft(folder, name)
    await file.write(`${canonicalJson(await read(projectId, version.id))}\n`)
    drafts.push(await file.close())
  }
  return drafts
}

async function all<T>(sql: string, values: unknown[]): Promise<T[]> {
  return (await getDb().$client.query(sql, values)).rows as T[]
}

const exposuresSql = `
  SELECT e.id, json_build_object('kind', 'exposure', 'id', e.id, 'itemId', e.item_id, 'by', a.pseudonym, 'role', e.role,
    'at', (${toMicros('e.created_at')}), 'shown', e.shown, 'suppressedReason', e.suppressed_reason, 'arm', e.arm, 'mode', e.mode,
    'blind', e.blind, 'holdback', e.holdback, 'eligible', e.eligible, 'eligiblePropensity', e.eligible_propensity,
    'policyVersion', e.policy_version, 'thresholdVersion', e.threshold_version, 'modelVersionId', e.model_version_id,
    'consentVersion', e.consent_version, 'candidates', e.candidates, 'slices', e.slice_attributes, 'sample', e.sample,
    'simulated', e.simulated) AS body
  FROM exposures e JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id
  WHERE e.project_id = $1 AND e.id = ANY($2::uuid[])`

const entriesSql = `
  SELECT e.id, json_build_object('kind', 'entry', 'id', e.id, 'itemId', e.item_id, 'queueId', e.queue_id, 'strategy', e.strategy,
    'part', e.part, 'poolSize', e.pool_size, 'inclusionProbability', e.inclusion_probability, 'seed', e.seed, 'rank', e.rank,
    'score', e.score, 'predictionContentId', p.content_id, 'modelVersionId', e.model_version_id) AS body
  FROM queue_entries e LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  WHERE e.project_id = $1 AND e.id = ANY($2::uuid[])`

const feedbackSql = `
  SELECT f.exposure_id AS id, json_build_object('of', 'feedback', 'on', f.exposure_id, 'by', a.pseudonym, 'id', f.id, 'type', f.type,
    'sessionId', f.session_id, 'clientSeq', f.client_seq, 'seq', f.seq, 'targetEventId', f.target_event_id,
    'candidateId', f.candidate_id, 'reason', f.reason, 'rating', f.rating, 'serverMicros', ${toMicros('f.server_time')},
    'sendAtMicros', ${toMicros('f.send_at')}, 'afterContentId', f.after_content_id, 'afterHash', f.after_hash) AS body
  FROM feedback_events f LEFT JOIN actors a ON a.project_id = f.project_id AND a.id = f.actor_id
  WHERE f.project_id = $1 AND f.exposure_id = ANY($2::uuid[]) AND ${inSnapshot('f', '$3', '$4')} ORDER BY f.seq`

const reviewSql = `
  SELECT r.entry_id AS id, json_build_object('of', 'review', 'on', r.entry_id, 'by', a.pseudonym, 'id', r.id, 'type', r.type,
    'targetEventId', r.target_event_id, 'verdicts', r.verdicts, 'contentId', r.content_id, 'contentHash', r.content_hash,
    'textCount', r.text_count, 'reason', r.reason, 'specificationVersion', r.specification_version, 'blind', r.blind,
    'preference', r.preference, 'picks', r.picks, 'posterior', r.posterior, 'simulated', r.simulated, 'seq', r.seq,
    'serverMicros', ${toMicros('r.server_time')}) AS body
  FROM review_events r JOIN actors a ON a.project_id = r.project_id AND a.id = r.actor_id
  WHERE r.project_id = $1 AND r.entry_id = ANY($2::uuid[]) AND ${inSnapshot('r', '$3', '$4')} ORDER BY r.seq`

/** What rows rest on, in their order. Salts say that a word is the recorded one; they go with the words. */
async function evidenceOf(projectId: string, version: FoundVersion, rows: readonly StoredRow[]) {
  const { snapshot, at } = asOfOf(version)
  const exposureIds = rows.flatMap(row => row.exposureId ?? [])
  const entryIds = rows.flatMap(row => row.entryId ?? [])
  type Found = { id: string; body: Record<string, unknown> }
  const [contents, ...found] = await Promise.all([
    all<{ id: string; kind: string; salt: string | null }>(
      `SELECT id, kind, encode(coalesce(salt, ''), 'hex') AS salt FROM contents
       WHERE project_id = $1 AND id = ANY($2::uuid[]) AND body IS NOT NULL`,
      [projectId, [...new Set(rows.flatMap(row => contentsOf({ ...row, ...row.facts })))]],
    ),
    all<Found>(exposuresSql, [projectId, exposureIds]),
    all<Found>(entriesSql, [projectId, entryIds]),
    all<Found>(feedbackSql, [projectId, exposureIds, snapshot, at]),
    all<Found>(reviewSql, [projectId, entryIds, snapshot, at]),
  ])
  const [exposures = [], entries = [], feedback = [], review = []] = found
  const known = new Map(contents.map(one => [one.id, one]))
  const grounds = new Map([...exposures, ...entries].map(one => [one.id, one.body]))
  const logs = new Map<string, Found[]>()
  for (const one of [...feedback, ...review]) logs.set(one.id, [...(logs.get(one.id) ?? []), one])
  const groundsOf = (row: StoredRow) => [row.exposureId, row.entryId].filter(id => id !== null)
  return {
    rows: rows.map(row => {
      const { externalId: _, groupId: __, ...kept } = row
      const salts = contentsOf({ ...row, ...row.facts }).flatMap(id => {
        const content = known.get(id)
        return content ? [[id, content.salt] as const] : []
      })
      const redacted = known.get(row.itemContentId)?.kind === 'redacted'
      return { ...kept, input: redacted ? 'redacted' : 'as-brought', salts: Object.fromEntries(salts) }
    }),
    grounds: rows.flatMap(row =>
      groundsOf(row).flatMap(id => (grounds.has(id) ? [{ row: row.number, ...grounds.get(id) }] : [])),
    ),
    events: rows.flatMap(row =>
      groundsOf(row).flatMap(id => (logs.get(id) ?? []).map(one => ({ row: row.number, ...one.body }))),
    ),
  }
}

/** What everybody whose words are in a version had agreed to when it was frozen: what changed since is read back. */
async function peopleOf(projectId: string, version: FoundVersion): Promise<ArchivePerson[]> {
  return all<ArchivePerson>(
    `WITH who AS (SELECT DISTINCT p.name FROM dataset_rows r, jsonb_array_elements_text(r.facts->'annotators') p(name)
       WHERE r.project_id = $1 AND r.version_id = $2)
     SELECT a.pseudonym, CASE WHEN c.told THEN (c.facts->>'consentVersion')::int ELSE a.consent_version END AS "consentVersion",
       CASE WHEN c.told THEN (c.facts->>'trainingAllowed')::boolean ELSE a.training_allowed OR a.erased_at > $3::timestamptz END AS "trainingAllowed"
     FROM who JOIN actors a ON a.project_id = $1 AND a.pseudonym = who.name
     LEFT JOIN LATERAL (
       SELECT true AS told, CASE WHEN x.created_at <= $3::timestamptz THEN x.after ELSE x.before END AS facts FROM actions x
       WHERE x.project_id = $1 AND x.kind = 'consent.set' AND x.target_type = 'person' AND x.target_id = a.pseudonym
       ORDER BY x.created_at <= $3::timestamptz DESC,
         CASE WHEN x.created_at <= $3::timestamptz THEN x.id END DESC NULLS LAST, x.id LIMIT 1) c ON true
     ORDER BY a.pseudonym`,
    [projectId, version.id, asOfOf(version).at ?? version.frozenAt],
  )
}

async function* groupsOf(projectId: string, versionId: string): AsyncGenerator<unknown[]> {
  for (let after = ''; ; ) {
    const groups = await all<{ groupKey: string }>(
      `SELECT r.group_key AS "groupKey", array_agg(DISTINCT r.split ORDER BY r.split) AS splits,
         (SELECT json_build_object('split', g.split, 'dataset', d.slug, 'version', v.number) FROM dataset_groups g
           JOIN dataset_versions v ON v.project_id = g.project_id AND v.id = g.version_id
           JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
           WHERE g.project_id = $1 AND g.group_key = r.group_key) AS first
       FROM dataset_rows r WHERE r.project_id = $1 AND r.version_id = $2 AND r.group_key > $3 COLLATE "C"
       GROUP BY r.group_key ORDER BY r.group_key COLLATE "C" LIMIT ${groupsPerRead}`,
      [projectId, versionId, after],
    )
    if (groups.length > 0) yield groups
    after = groups.at(-1)?.groupKey ?? ''
    if (groups.length < groupsPerRead) return
  }
}

const specificationsOf = (projectId: string, versionId: string) =>
  all(
    `SELECT s.version, to_json(s.created_at)#>>'{}' AS "createdAt", s.schema, s.mapping, s.restores FROM specifications s
     WHERE s.project_id = $1 AND s.version IN (SELECT (facts->>'specificationVersion')::int FROM dataset_rows
       WHERE project_id = $1 AND version_id = $2) ORDER BY s.version`,
    [projectId, versionId],
  )

async function checksOf(projectId: string, versionId: string) {
  const [checks, findings] = await Promise.all([
    all(
      `SELECT k.name, k.level, k.outcome, k.value, k.of, k."limit", k.findings, k.detail, k.method,
         CASE WHEN k.waived_at IS NOT NULL THEN json_build_object('at', k.waived_at, 'why', w.body) END AS waived
       FROM dataset_checks k LEFT JOIN contents w ON w.project_id = k.project_id AND w.id = k.waiver_content_id
       WHERE k.project_id = $1 AND k.version_id = $2 ORDER BY k.name`,
      [projectId, versionId],
    ),
    all(
      `SELECT name, at, row_number AS row, other_number AS other, score, detail FROM dataset_findings
       WHERE project_id = $1 AND version_id = $2 ORDER BY name, at`,
      [projectId, versionId],
    ),
  ])
  return { checks, findings }
}

async function manifestOf(
  projectId: string,
  dataset: StoredDataset,
  version: FoundVersion,
  drafts: readonly Draft[],
): Promise<ArchiveManifest> {
  const [stored] = await all<{ counts: Record<string, unknown>; parent: ArchiveManifest['parent'] }>(
    `SELECT v.counts, CASE WHEN p.id IS NOT NULL THEN json_build_object('number', p.number, 'rowsHash', p.rows_hash) END AS parent
     FROM dataset_versions v LEFT JOIN dataset_versions p ON p.project_id = v.project_id AND p.id = v.parent_version_id
     WHERE v.project_id = $1 AND v.id = $2`,
    [projectId, version.id],
  )
  return {
    format: archiveFormat.name,
    formatVersion: archiveFormat.version,
    projectId,
    dataset: { slug: dataset.slug, name: dataset.name, licence: dataset.licence },
    version: {
      number: version.number,
      id: version.id,
      frozenAt: version.frozenAt ?? '',
      rows: version.rows,
      rowsHash: version.rowsHash ?? '',
      contentSha256: version.contentSha256 ?? '',
      contentBytes: version.contentBytes ?? 0,
      lineFormat: lineFormatOf(version),
      counts: stored?.counts ?? {},
      definition: version.definition,
    },
    parent: stored?.parent ?? null,
    overtaken: version.overtakenAt
      ? { at: version.overtakenAt, reason: version.overtakenReason ?? 'undone' }
      : null,
    tombstoned: version.tombstonedAt
      ? { at: version.tombstonedAt, successor: version.successorNumber }
      : null,
    files: archiveFiles.flatMap(name =>
      drafts.filter(draft => draft.name === name).map(({ bytes, sha256 }) => ({ name, bytes, sha256 })),
    ),
  }
}
