import { createHash, type Hash, randomBytes } from 'node:crypto'
import { createWriteStream, mkdirSync, readdirSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough, type Readable, Transform, type TransformCallback, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import yauzl from 'yauzl'
import yazl from 'yazl'
import { z } from 'zod'
import type { Config } from '@/platform/config'
import { Failure } from '@/platform/failure'
import { getStorage, mediaKey, type Storage } from '@/platform/storage'
import { getDirectUrl, openClient } from './client'
import { listMigrations, migrate, migrationState } from './migrate'

const FORMAT = 1
/** COPY hands out small pieces; joined to this size a million rows take 3 s instead of 17. */
const CHUNK_BYTES = 256 * 1024
const KEPT_MIGRATION_BACKUPS = 5
/** A manifest lists tables and files; one of a million pictures has 200 MB. What unpacks to more is none. */
const LARGEST_MANIFEST_BYTES = 256 * 1024 * 1024

const tableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.string()).min(1),
  entry: z.string(),
  rows: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const mediaSchema = z.object({
  /** `media/<key of the storage>`, whose last part is the SHA-256. */
  entry: z.string().regex(/^media\/[0-9a-f-]{36}\/[0-9a-f]{2}\/[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
})

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  takenAt: z.string(),
  /** pg_current_snapshot() of the one transaction that everything was read in. */
  snapshot: z.string(),
  serverVersion: z.string(),
  migrations: z.array(z.object({ name: z.string(), hash: z.string(), when: z.number() })),
  tables: z.array(tableSchema),
  /** Files of items, as they lie in the storage. Absent before there were any, and in copies made for an upgrade. */
  media: z.array(mediaSchema).default([]),
  sequences: z.array(z.object({ schema: z.string(), name: z.string(), lastValue: z.string().nullable() })),
})

export type BackupManifest = z.infer<typeof manifestSchema>
type TableRecord = z.infer<typeof tableSchema>
type MediaRecord = z.infer<typeof mediaSchema>
type TableShape = Pick<TableRecord, 'schema' | 'name' | 'columns'> & {
  transactionColumns: string[]
  /** The primary key as an ORDER BY list. */
  order: string
}

// ---- reading the catalog -------------------------------------------------------------------------------------------

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
const qualified = (table: { schema: string; name: string }) => `${quote(table.schema)}.${quote(table.name)}`

/** Text of every value must not depend on the session that reads it. */
const SESSION = `
  set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set extra_float_digits = 1;
  set bytea_output = 'hex'; set client_encoding = 'UTF8'; set synchronize_seqscans = off;
  set max_parallel_workers_per_gather = 0; set statement_timeout = 0; set lock_timeout = 0;
  set idle_in_transaction_session_timeout = 0; set search_path = public
`

/** Every table with rows of ours, found in the catalog, so that none that a later migration adds is forgotten. */
async function listTables(client: pg.ClientBase): Promise<TableShape[]> {
  const { rows } = await client.query<{
    schema: string
    name: string
    columns: string[]
    transaction_columns: string[]
    key: { name: string; text: boolean }[] | null
  }>(`
    select n.nspname::text as schema, c.relname::text as name,
           array_agg(a.attname::text order by a.attnum) as columns,
           coalesce(array_agg(a.attname::text) filter (where a.atttypid = 'xid8'::regtype), '{}') as transaction_columns,
           (select json_agg(json_build_object('name', k.attname, 'text', k.attcollation <> 0) order by x.ord)
              from pg_index i, unnest(i.indkey) with ordinality x(attnum, ord)
              join pg_attribute k on k.attnum = x.attnum
             where i.indrelid = c.oid and i.indisprimary and k.attrelid = c.oid) as key
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relkind = 'r' and c.relpersistence = 'p'
       and n.nspname in ('public', 'amend', 'drizzle') and (n.nspname, c.relname) <> ('amend', 'test_clock')
     group by 1, 2, c.oid order by 1, 2`)
  return rows.map(({ transaction_columns, key, ...table }) => ({
    ...table,
    transactionColumns: transaction_columns,
    order: (key ?? table.columns.map(name => ({ name, text: false })))
      .map(column => (key && !column.text ? quote(column.name) : `${quote(column.name)}::text collate "C"`))
      .join(', '),
  }))
}

const isMigrationTable = (table: { schema: string }) => table.schema === 'drizzle'

/**
 * In the order of the primary key: a load puts small rows where a page has room left, so rows do not lie in the order in
 * which they came, and the hash of a table must not depend on that.
 *
 * A transaction number means something in one cluster only. All rows of a backup were committed before it was taken,
 * so they are written with the number 3, the oldest there is, and are never "still in flight" where they are restored.
 */
function copyStatement(table: TableShape): string {
  const columns = table.columns.map(name =>
    table.transactionColumns.includes(name) ? `'3'::xid8 as ${quote(name)}` : quote(name),
  )
  return `copy (select ${columns.join(', ')} from ${qualified(table)} order by ${table.order}) to stdout`
}

/** Joins small pieces, counts lines (COPY's text format escapes line breaks inside values), and hashes. */
class Measure extends Transform {
  rows = 0
  bytes = 0
  private readonly hash: Hash = createHash('sha256')
  private waiting: Buffer[] = []
  private waitingBytes = 0

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.rows++
    this.bytes += chunk.length
    this.hash.update(chunk)
    this.waiting.push(chunk)
    this.waitingBytes += chunk.length
    if (this.waitingBytes >= CHUNK_BYTES) this.pass()
    done()
  }

  override _flush(done: TransformCallback): void {
    this.pass()
    done()
  }

  private pass(): void {
    if (this.waitingBytes > 0) this.push(Buffer.concat(this.waiting, this.waitingBytes))
    this.waiting = []
    this.waitingBytes = 0
  }

  digest(): string {
    return this.hash.digest('hex')
  }
}

// ---- backup --------------------------------------------------------------------------------------------------------

export interface BackupResult {
  file: string
  bytes: number
  media: number
  /** Files that the database names and the storage lacks: erased meanwhile, or lost. */
  mediaMissing: number
  tables: number
  rows: number
  takenAt: string
}

interface BackupOptions {
  url?: string
  root?: string
  /** Where the files of items lie; null leaves them out. */
  storage?: Storage | null
}

/**
 * Writes everything in the database, and the files of its items, to one zip, while others go on writing: one read-only snapshot, so that all tables
 * are of the same moment. The file appears complete (mode 0600) or not at all. The secrets of the state folder are not in it.
 */
export async function takeBackup(
  file: string,
  { url = getDirectUrl(), root, storage = getStorage() }: BackupOptions = {},
): Promise<BackupResult> {
  const target = path.resolve(file)
  const draft = `${target}.${process.pid}-${randomBytes(3).toString('hex')}.partial`
  const client = await openClient(url)
  try {
    await client.query(SESSION)
    await client.query('begin isolation level repeatable read read only')
    const { applied, pending } = await migrationState(client, root)
    if (applied.length === 0)
      throw new Failure(
        `The database is empty (${pending.length} migrations are still to run): there is nothing to back up.`,
      )
    const manifest = await describeDatabase(client, applied)
    const mediaMissing = await writeArchive(client, manifest, draft, storage)
    await client.query('commit')
    await rename(draft, target)
    await syncFolder(path.dirname(target))
    const handle = await open(target)
    const { size } = await handle.stat()
    await handle.close()
    return {
      file: target,
      bytes: size,
      tables: manifest.tables.length,
      media: manifest.media.length,
      mediaMissing,
      rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
      takenAt: manifest.takenAt,
    }
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

async function describeDatabase(
  client: pg.Client,
  applied: { name: string; hash: string; when: number }[],
): Promise<BackupManifest> {
  const { rows: facts } = await client.query<{ taken_at: string; snapshot: string; version: string }>(
    'select to_char(now(), \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') as taken_at, pg_current_snapshot()::text as snapshot, current_setting(\'server_version\') as version',
  )
  const { rows: sequences } = await client.query<{ schema: string; name: string; lastValue: string | null }>(
    `select schemaname::text as schema, sequencename::text as name, last_value::text as "lastValue"
       from pg_sequences where schemaname in ('public', 'amend', 'drizzle') order by 1, 2`,
  )
  const fact = facts[0]
  if (!fact) throw new Error('the snapshot could not be described')
  return {
    format: FORMAT,
    takenAt: fact.taken_at,
    snapshot: fact.snapshot,
    serverVersion: fact.version,
    migrations: applied.map(({ name, hash, when }) => ({ name, hash, when })),
    tables: [],
    media: [],
    sequences,
  }
}

/** Keys of all files that live rows of the snapshot name. */
async function listMedia(client: pg.Client): Promise<string[]> {
  const { rows: found } = await client.query("select 1 where to_regclass('public.media') is not null")
  if (found.length === 0) return []
  const { rows } = await client.query<{ project_id: string; hash: string }>(
    `select distinct project_id, hash from media, lateral (values (sha256), (thumbnail_sha256)) as h(hash)
      where erased_at is null and hash is not null order by 1, 2`,
  )
  return rows.map(row => mediaKey(row.project_id, row.hash))
}

/** Adds the files of items. One that was erased since the snapshot was taken is left out. */
async function addMedia(
  zip: yazl.ZipFile,
  client: pg.Client,
  storage: Storage,
  manifest: BackupManifest,
): Promise<{ missing: number }> {
  const count = { missing: 0 }
  for (const key of await listMedia(client)) {
    const entry = `media/${key}`
    zip.addReadStreamLazy(entry, { compress: false, mode: 0o600 }, give => {
      storage.get(key).then(
        source => {
          const measure = new Measure()
          const read = source ?? new PassThrough().end()
          read.on('error', error => measure.destroy(error))
          read.pipe(measure)
          measure.on('error', error => zip.emit('error', error))
          measure.on('end', () => {
            if (source) manifest.media.push({ entry, bytes: measure.bytes })
            else count.missing += 1
          })
          give(null, measure)
        },
        (error: Error) => zip.emit('error', error),
      )
    })
  }
  return count
}

async function writeArchive(
  client: pg.Client,
  manifest: BackupManifest,
  draft: string,
  storage: Storage | null,
): Promise<number> {
  const zip = new yazl.ZipFile()
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  const tables = await listTables(client)
  for (const table of tables) {
    const entry = `tables/${table.schema}.${table.name}.copy`
    zip.addReadStreamLazy(entry, { compressionLevel: 1, mode: 0o600 }, give => {
      const measure = new Measure()
      const source = client.query(copyTo(copyStatement(table)))
      source.on('error', error => measure.destroy(error))
      source.pipe(measure)
      measure.on('error', error => zip.emit('error', error))
      measure.on('end', () => {
        const { schema, name, columns } = table
        const { rows, bytes } = measure
        manifest.tables.push({ schema, name, columns, entry, rows, bytes, sha256: measure.digest() })
      })
      give(null, measure)
    })
  }
  const media = storage ? await addMedia(zip, client, storage, manifest) : { missing: 0 }
  // Asked for last, when every table above has been written and counted.
  zip.addReadStreamLazy('manifest.json', { mode: 0o600 }, give => {
    const text = new PassThrough()
    text.end(`${JSON.stringify(manifest, null, 2)}\n`)
    give(null, text)
  })
  zip.end()
  const out = createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true })
  await Promise.race([pipeline(zip.outputStream as unknown as Readable, out), failed])
  return media.missing
}

/** Makes the rename itself survive a power cut; some systems can't sync a folder, and lose nothing else by it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** The copy that is made before an upgrade changes an embedded database; the newest few are kept. */
export async function backupBeforeMigration(config: Config, name: string): Promise<string> {
  const folder = path.join(config.home, 'backups')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const moment = new Date().toISOString().replace(/[:.]/g, '-')
  const { file } = await takeBackup(path.join(folder, `${moment}-before-${name}.zip`), {
    root: config.root,
    // A migration changes no file.
    storage: null,
  })
  const old = readdirSync(folder)
    .filter(entry => /-before-.*\.zip$/.test(entry))
    .sort()
    .slice(0, -KEPT_MIGRATION_BACKUPS)
  for (const entry of old) await rm(path.join(folder, entry), { force: true })
  return file
}

// ---- reading an archive --------------------------------------------------------------------------------------------

interface Archive {
  manifest: BackupManifest
  openTable(table: TableRecord): Promise<Readable>
  openMedia(media: MediaRecord): Promise<Readable>
  close(): void
}

async function openArchive(file: string): Promise<Archive> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.open(file, { autoClose: false, lazyEntries: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    ),
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Failure(`There is no file ${file}.`)
    if (error.code) throw error
    throw new Failure(`${file} is not a backup of Amend: ${error.message}.`)
  })
  const entries = await new Promise<Map<string, yauzl.Entry>>((resolve, reject) => {
    const found = new Map<string, yauzl.Entry>()
    zip.on('entry', (entry: yauzl.Entry) => {
      found.set(entry.fileName, entry)
      zip.readEntry()
    })
    zip.once('end', () => resolve(found))
    zip.once('error', reject)
    zip.readEntry()
  }).catch((error: Error) => {
    zip.close()
    throw new Failure(`${file} is damaged: ${error.message}.`)
  })
  const stream = async (name: string): Promise<Readable> => {
    const entry = entries.get(name)
    if (!entry) throw new Failure(`${file} is damaged: ${name} is missing.`)
    return new Promise((resolve, reject) =>
      zip.openReadStream(entry, (error, source) => (error ? reject(error) : resolve(source))),
    )
  }
  try {
    if ((entries.get('manifest.json')?.uncompressedSize ?? 0) > LARGEST_MANIFEST_BYTES)
      throw new Failure(`${file} is damaged: its manifest would unpack to more than 256 MB.`)
    const chunks: Buffer[] = []
    for await (const chunk of await stream('manifest.json')) chunks.push(chunk as Buffer)
    const manifest = manifestSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    if (!manifest.success)
      throw new Failure(
        `${file} was not written by this or an earlier version of Amend. Use the version that wrote it.`,
      )
    return {
      manifest: manifest.data,
      openTable: table => stream(table.entry),
      openMedia: media => stream(media.entry),
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    if (error instanceof SyntaxError) throw new Failure(`${file} is damaged: its manifest can't be read.`)
    throw error
  }
}

async function measureInto(source: Readable, target: Writable): Promise<Measure> {
  const measure = new Measure()
  await pipeline(source, measure, target)
  return measure
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })

function compare(table: TableRecord, measure: Measure, file: string): void {
  if (measure.rows === table.rows && measure.digest() === table.sha256) return
  throw new Failure(
    `${file} is damaged: ${table.schema}.${table.name} is not what was written. Nothing was restored.`,
  )
}

/** Reads the whole file and compares every table with the counts and hashes that were noted when it was written. */
export async function verifyBackup(file: string): Promise<BackupManifest> {
  const archive = await openArchive(file)
  try {
    for (const table of archive.manifest.tables) {
      const measure = await measureInto(await archive.openTable(table), nowhere()).catch((error: Error) => {
        throw new Failure(
          `${file} is damaged in ${table.schema}.${table.name}: ${error.message}. Nothing was restored.`,
        )
      })
      compare(table, measure, file)
    }
    for (const media of archive.manifest.media) {
      const measure = await measureInto(await archive.openMedia(media), nowhere()).catch(() => null)
      if (measure?.bytes !== media.bytes || !media.entry.endsWith(`/${measure.digest()}`))
        throw new Failure(`${file} is damaged: ${media.entry} is not what was written. Nothing was restored.`)
    }
    return archive.manifest
  } finally {
    archive.close()
  }
}

// ---- restore -------------------------------------------------------------------------------------------------------

export interface RestoreResult {
  tables: number
  media: number
  rows: number
  takenAt: string
  /** Migrations that ran afterwards, because this version is newer than the backup. */
  upgraded: string[]
}

/**
 * Loads a backup into an empty database: checks the file, migrates to the schema it was taken from, loads all tables in
 * one transaction, checks counts and hashes again, and only then migrates on. Needs no superuser; the triggers that
 * guard append-only tables stay in force, since nothing is updated or deleted.
 */
export async function restoreBackup(
  file: string,
  { url = getDirectUrl(), root, storage = getStorage() }: BackupOptions = {},
): Promise<RestoreResult> {
  const manifest = await verifyBackup(file)
  const level = checkLevel(manifest, file, root)
  const client = await openClient(url)
  const archive = await openArchive(file)
  try {
    await client.query(SESSION)
    await refuseNonEmpty(client)
    await migrate({ url, root, upTo: level })
    await client.query('begin')
    // Rows of frozen dataset versions are taken here and nowhere else.
    await client.query("select set_config('amend.restore', 'on', true)")
    await loadTables(client, archive, file)
    await setSequences(client, manifest)
    await checkLoaded(client, manifest)
    // Under their hashes they are in nobody's way, should the commit fail.
    for (const media of storage ? manifest.media : [])
      await storage?.put(media.entry.slice('media/'.length), await archive.openMedia(media))
    await client.query('commit')
    const upgraded = await migrate({ url, root })
    await client.query('analyze')
    return {
      tables: manifest.tables.length,
      media: manifest.media.length,
      rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
      takenAt: manifest.takenAt,
      upgraded: upgraded.map(migration => migration.name),
    }
  } finally {
    archive.close()
    await client.end().catch(() => {})
  }
}

/** The migration that the backup's schema ends with; a Failure when this version doesn't know it. */
function checkLevel(manifest: BackupManifest, file: string, root?: string): number {
  const known = new Map(listMigrations(root).map(m => [m.when, m.hash]))
  for (const migration of manifest.migrations) {
    if (!known.has(migration.when))
      throw new Failure(
        `${file} was taken by a newer version of Amend (migration ${migration.name}). Restore it with that version.`,
      )
  }
  return manifest.migrations.at(-1)?.when ?? 0
}

async function refuseNonEmpty(client: pg.Client): Promise<void> {
  for (const table of await listTables(client)) {
    if (isMigrationTable(table)) continue
    const { rowCount } = await client.query(`select 1 from ${qualified(table)} limit 1`)
    if (rowCount)
      throw new Failure(
        `The database already holds data (${table.name}), and restoring would mix the two. Restore into an empty one: set AMEND_HOME to a new folder or DATABASE_URL to an empty database.`,
      )
  }
}

interface ForeignKey {
  table: string
  references: string
  name: string
  definition: string
}

async function listForeignKeys(client: pg.Client): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(`
    select format('%I.%I', n.nspname, c.relname) as table, format('%I.%I', fn.nspname, f.relname) as references,
           k.conname::text as name, pg_get_constraintdef(k.oid) as definition
      from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
     where k.contype = 'f' and k.conrelid <> k.confrelid and k.conparentid = 0 and n.nspname in ('public', 'amend')`)
  return rows
}

/** Referenced tables first. Keys that run in a circle are returned too: they have to wait until all is loaded. */
export function loadOrder(
  tables: string[],
  keys: Pick<ForeignKey, 'table' | 'references'>[],
): { order: string[]; circular: Set<string> } {
  const order: string[] = []
  const circular = new Set<string>()
  const remaining = new Set(tables)
  while (remaining.size > 0) {
    const ready = [...remaining].filter(
      table =>
        !keys.some(
          key =>
            key.table === table &&
            key.references !== table &&
            remaining.has(key.references) &&
            !circular.has(`${key.table}>${key.references}`),
        ),
    )
    for (const table of ready) {
      order.push(table)
      remaining.delete(table)
    }
    if (ready.length > 0) continue
    const inCircle = keys.filter(key => remaining.has(key.table) && remaining.has(key.references))
    for (const key of inCircle) circular.add(`${key.table}>${key.references}`)
  }
  return { order, circular }
}

async function loadTables(client: pg.Client, archive: Archive, file: string): Promise<void> {
  const records = archive.manifest.tables.filter(table => !isMigrationTable(table))
  const { rows: names } = await client.query<{ id: string }>(
    "select format('%I.%I', s, t) as id from unnest($1::text[], $2::text[]) as x(s, t)",
    [records.map(r => r.schema), records.map(r => r.name)],
  )
  const byId = new Map(records.map((record, index) => [names[index]?.id ?? '', record]))
  const keys = await listForeignKeys(client)
  const { order, circular } = loadOrder([...byId.keys()], keys)
  const postponed = keys.filter(key => circular.has(`${key.table}>${key.references}`))
  for (const key of postponed)
    await client.query(`alter table ${key.table} drop constraint ${quote(key.name)}`)
  // Rows that a migration itself put in are in the backup too.
  for (const id of order.toReversed()) await client.query(`delete from ${id}`)
  for (const id of order) {
    const table = byId.get(id)
    if (!table || table.rows === 0) continue
    const columns = table.columns.map(quote).join(', ')
    const measure = await measureInto(
      await archive.openTable(table),
      client.query(copyFrom(`copy ${id} (${columns}) from stdin`)),
    )
    compare(table, measure, file)
  }
  for (const key of postponed)
    await client.query(`alter table ${key.table} add constraint ${quote(key.name)} ${key.definition}`)
}

async function setSequences(client: pg.Client, manifest: BackupManifest): Promise<void> {
  for (const { schema, name, lastValue } of manifest.sequences) {
    if (lastValue === null || schema === 'drizzle') continue
    await client.query('select setval(to_regclass($1), $2::bigint)', [qualified({ schema, name }), lastValue])
  }
}

/** Rows, bytes and SHA-256 of every table as a backup would hold them now, inside the caller's transaction. */
export async function measureTables(
  client: pg.Client,
): Promise<Map<string, { rows: number; sha256: string }>> {
  await client.query(SESSION)
  const found = new Map<string, { rows: number; sha256: string }>()
  for (const table of await listTables(client)) {
    if (isMigrationTable(table)) continue
    const measure = await measureInto(client.query(copyTo(copyStatement(table))), nowhere())
    found.set(`${table.schema}.${table.name}`, { rows: measure.rows, sha256: measure.digest() })
  }
  return found
}

async function checkLoaded(client: pg.Client, manifest: BackupManifest): Promise<void> {
  const found = await measureTables(client)
  for (const table of manifest.tables) {
    if (isMigrationTable(table)) continue
    const loaded = found.get(`${table.schema}.${table.name}`)
    if (loaded?.rows !== table.rows || loaded.sha256 !== table.sha256)
      throw new Failure(
        `${table.name} came out different from the backup, so everything was rolled back. Report this with the version of both servers.`,
      )
  }
}
