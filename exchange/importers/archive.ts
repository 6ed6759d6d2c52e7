import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { plainFileName } from '@/domain/file-name'
import type { Beside, ImportRow, PictureRow, TableRow } from '../importer'
import { readCoco } from './coco'
import { csvImporter } from './csv'
import { topKeys } from './json-elements'
import { jsonListImporter } from './json-list'
import { jsonlImporter } from './jsonl'
import { readParquet } from './parquet'
import { nameOf, nextEntry, type OpenZip, openEntry, openZip, type ZipEntry } from './zip-entries'

const mebibyte = 1024 * 1024
/** Files of an archive that come in at most. */
const mostFiles = 10_000
/** Largest picture in an archive, unpacked, in bytes. */
const largestPicture = 20 * mebibyte
/** Largest table, which is read as it is unpacked. */
const largestTable = 1024 * mebibyte
/** What is said of pictures is held while they come in. */
const largestMetadata = 64 * mebibyte

/** What systems put beside the files, and nobody means. */
const leftBySystems = /(?:^|\/)(?:__MACOSX\/|\.(?!\.?\/)|Thumbs\.db$|desktop\.ini$)/i
/** What describes an archive and holds no rows: cards, manifests, notebooks. */
const describing =
  /(?:^|\/)(?:readme(?:\.\w+)?|licen[cs]e(?:\.\w+)?|card\.(?:md|json)|croissant\.json|dataset_infos?\.json|manifest(?:\.\w+)?|state\.json|_?amend\.json)$|\.(?:md|ipynb|html|pdf)$/i
const tableFile = /\.(?:jsonl|ndjson|json|csv|tsv|parquet)$/i
const archiveFile = /\.(?:zip|tar|tgz|gz|bz2|xz|7z|rar|zst)$/i

/**
 * A zip (APPNOTE 6.3) of pictures, of tables, or of both: a Hugging Face folder with a table per split, pictures with a
 * `metadata.jsonl` or `.csv` or with a COCO file, or pictures alone. Rows come in the order of the archive's list. Folders
 * and what systems leave behind are passed over, and archives in it are refused unopened. Nothing is written under a name
 * from the archive, so a name can lead nowhere; sizes are checked before unpacking and again while it goes on.
 * A file that is no archive, or one that breaks off, is one refused row.
 *
 * @param file where the archive lies on disk. A picture's `open` works until the next row is asked for.
 */
export async function* readArchive(file: string): AsyncIterable<ImportRow> {
  const zip = await openZip(file).catch(() => null)
  if (!zip) {
    yield { line: 1, problem: { field: null, detail: broken, last: true } }
    return
  }
  try {
    const { entries, ends } = await listEntries(zip)
    const named = entries.map(entry => ({ entry, name: nameOf(entry) }))
    const tables = named.filter(({ name }) => tableFile.test(name) && !describing.test(name))
    const others = named.filter(({ name }) => !tableFile.test(name) && !describing.test(name))
    const card = await readCard(zip, named)
    let line = 0
    const numbered = function* (row: ImportRow) {
      line++
      yield { ...row, line }
    }
    const pictures = others.filter(({ name }) => !archiveFile.test(name))
    if (pictures.length > 0) {
      const told = await readMetadata(zip, file, tables)
      for (const one of others) yield* numbered(pictureRow(zip, one, told, card.licence))
      for (const row of told.left()) yield* numbered(row)
    } else {
      for (const { name } of others)
        yield* numbered({ line: 0, problem: { field: shortName(name), detail: nested } })
      for (const { entry, name } of tables)
        for await (const row of readTable(zip, file, entry, name)) {
          const split = splitOf(name, card)
          if ('problem' in row) {
            const { field, detail } = row.problem
            const place = [`${shortName(name)}, ${row.line}`, field].filter(Boolean).join(', ')
            // Another table of the archive may still be read.
            yield* numbered({ line: 0, problem: { field: place, detail } })
          } else
            yield* numbered({
              ...row,
              beside: { ...(split ? { split } : {}), ...(card.licence ? { licence: card.licence } : {}) },
            })
        }
    }
    if (ends) yield { line: line + 1, problem: { field: null, detail: ends, last: true } }
  } finally {
    zip.close()
  }
}

const broken =
  'The archive is damaged or breaks off here. Nothing from here on was read; pack it again and send that.'
const nested = 'It is an archive in an archive and is not opened. Send it by itself.'
const shortName = (name: string) => plainFileName(name, 'file')

/** The list at the end of the archive, in its order, and why it ends early. */
async function listEntries(zip: OpenZip): Promise<{ entries: ZipEntry[]; ends: string | null }> {
  const entries: ZipEntry[] = []
  for (;;) {
    const entry = await nextEntry(zip).catch(() => undefined)
    if (entry === null) return { entries, ends: null }
    if (entry === undefined) return { entries, ends: broken }
    const name = nameOf(entry)
    if (name.endsWith('/') || leftBySystems.test(name)) continue
    if (entries.length >= mostFiles)
      return {
        entries,
        ends: `An archive may hold ${mostFiles.toLocaleString('en')} files at most. Nothing from this one on was read; send the rest as another archive.`,
      }
    entries.push(entry)
  }
}

function lockedOrOdd(entry: ZipEntry): string | null {
  if (entry.isEncrypted()) return 'It is locked with a password. Pack it without one.'
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return 'It is packed in a way that can’t be read here. Pack it as a plain zip.'
  return null
}

function pictureRow(
  zip: OpenZip,
  { entry, name }: { entry: ZipEntry; name: string },
  told: Told,
  licence: string | null,
): ImportRow {
  const fileName = plainFileName(name, 'picture')
  const tooLarge =
    entry.uncompressedSize > largestPicture
      ? `A picture may be ${largestPicture / mebibyte} MB at most.`
      : null
  const problem = archiveFile.test(name) ? nested : (lockedOrOdd(entry) ?? tooLarge)
  const about = told.take(name)
  if (problem) return { line: 0, problem: { field: fileName, detail: problem } }
  const split = splitOf(name, { splits: [], licence })
  const picture = { fileName, bytes: entry.uncompressedSize, open: () => openEntry(zip, entry) }
  if (!about && !split && !licence) return { line: 0, picture }
  const beside: Beside = { ...(licence ? { licence } : {}), ...(split ? { split } : {}), ...about?.beside }
  return { line: 0, picture, ...(about?.values ? { values: about.values } : {}), beside }
}

/** What tables and COCO files of an archive say of its pictures, by path. */
interface Told {
  take(name: string): Pick<PictureRow, 'values' | 'beside'> | undefined
  /** What is said of files that are not there, and what could not be read. */
  left(): Iterable<TableRow>
}

async function readMetadata(
  zip: OpenZip,
  file: string,
  tables: readonly { entry: ZipEntry; name: string }[],
): Promise<Told> {
  const byPath = new Map<string, Pick<PictureRow, 'values' | 'beside'>>()
  const byBase = new Map<string, string>()
  const left: TableRow[] = []
  const refuse = (field: string, detail: string) => left.push({ line: 0, problem: { field, detail } })
  const put = (where: string, about: Pick<PictureRow, 'values' | 'beside'>) => {
    byPath.set(where, about)
    byBase.set(path.posix.basename(where), where)
  }
  let bytes = 0
  for (const { entry, name } of tables) {
    const place = shortName(name)
    bytes += entry.uncompressedSize
    if (bytes > largestMetadata) {
      refuse(
        place,
        `What is said of the pictures may be ${largestMetadata / mebibyte} MB at most. It was not read.`,
      )
      continue
    }
    const folder = path.posix.dirname(name)
    const within = (fileName: string) => path.posix.join(folder === '.' ? '' : folder, fileName)
    if (/\.json$/i.test(name) && (await isCoco(zip, entry))) {
      const coco = await readCoco(async () => checked(await openEntry(zip, entry))).catch(() => null)
      if (!coco) refuse(place, broken)
      for (const [fileName, { captions, licence, regions }] of coco?.pictures ?? [])
        put(within(fileName), {
          beside: {
            values: captions,
            ...(licence ? { licence } : {}),
            ...(regions > 0 ? { notTaken: ['boxes and segments: no task here takes such regions'] } : {}),
          },
        })
      for (const problem of coco?.problems ?? [])
        refuse([place, problem.field].filter(Boolean).join(', '), problem.detail)
      continue
    }
    for await (const row of readTable(zip, file, entry, name)) {
      if ('problem' in row)
        refuse([`${place}, ${row.line}`, row.problem.field].filter(Boolean).join(', '), row.problem.detail)
      else if ('picture' in row)
        refuse(`${place}, ${row.line}`, 'It holds a picture itself. Send the table alone.')
      else {
        const { file_name: fileName, ...values } = row.values
        if (typeof fileName === 'string') put(within(fileName), { values })
        else refuse(`${place}, ${row.line}, file_name`, 'It names no file.')
      }
    }
  }
  return {
    take(name) {
      // Archives are often packed with one more folder around them than their metadata knows of.
      const where = byPath.has(name) ? name : byBase.get(path.posix.basename(name))
      if (where === undefined) return undefined
      const about = byPath.get(where)
      byPath.delete(where)
      return about
    },
    *left() {
      yield* left
      for (const where of byPath.keys())
        yield { line: 0, problem: { field: shortName(where), detail: 'The archive holds no such file.' } }
    },
  }
}

const headBytes = 64 * 1024

async function headOf(zip: OpenZip, entry: ZipEntry): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  const stream = await openEntry(zip, entry)
  for await (const part of stream) {
    parts.push(part)
    size += part.length
    if (size >= headBytes) break
  }
  stream.destroy()
  return Buffer.concat(parts).subarray(0, headBytes)
}

async function isCoco(zip: OpenZip, entry: ZipEntry): Promise<boolean> {
  const head = await headOf(zip, entry).catch(() => Buffer.alloc(0))
  return looksLikeCoco(head.toString('utf8'))
}

/** Whether a document begins as a COCO file does. */
export function looksLikeCoco(head: string): boolean {
  return (
    head.trimStart().startsWith('{') && topKeys(head).some(key => key === 'images' || key === 'annotations')
  )
}

/** The size that an archive promises is held to while it is unpacked; here what goes wrong on the way ends the reading. */
async function* checked(stream: Readable): AsyncIterable<Buffer> {
  for await (const part of stream) yield part as Buffer
}

async function* readTable(
  zip: OpenZip,
  file: string,
  entry: ZipEntry,
  name: string,
): AsyncIterable<ImportRow> {
  const refuse = (detail: string): TableRow => ({ line: 1, problem: { field: null, detail } })
  const odd = lockedOrOdd(entry)
  if (odd) {
    yield refuse(odd)
    return
  }
  const parquet = /\.parquet$/i.test(name)
  const largest = parquet ? 256 * mebibyte : largestTable
  if (entry.uncompressedSize > largest) {
    yield refuse(`A table in an archive may be ${largest / mebibyte} MB at most, unpacked.`)
    return
  }
  const part = `${file}.part-${randomUUID()}`
  try {
    if (parquet) {
      await pipeline(await openEntry(zip, entry), createWriteStream(part, { mode: 0o600, flags: 'wx' }))
      yield* readParquet(part)
      return
    }
    const head = await headOf(zip, entry)
    const importer = /\.[ct]sv$/i.test(name)
      ? csvImporter
      : head.toString('utf8').trimStart().startsWith('[')
        ? jsonListImporter
        : jsonlImporter
    yield* importer.read(checked(await openEntry(zip, entry)), importer.detect(head, true))
  } catch {
    yield refuse(broken)
  } finally {
    await rm(part, { force: true })
  }
}

type SplitName = NonNullable<Beside['split']>
const splitWords: Record<string, SplitName> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
  eval: 'test',
}

interface Card {
  /** Paths that the card gives to a split, as regular expressions. */
  splits: { pattern: RegExp; split: SplitName }[]
  licence: string | null
}

const longestCard = mebibyte

/** Licence and splits of a Hugging Face card (hub-docs, datasetcard.md): the YAML at the head of its README. */
async function readCard(zip: OpenZip, named: readonly { entry: ZipEntry; name: string }[]): Promise<Card> {
  const none: Card = { splits: [], licence: null }
  const card = named.find(({ name }) => /(?:^|^[^/]+\/)readme\.md$/i.test(name))
  if (!card || card.entry.uncompressedSize > longestCard || lockedOrOdd(card.entry)) return none
  const text = (await headOf(zip, card.entry).catch(() => Buffer.alloc(0))).toString('utf8')
  const yaml = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1]
  if (yaml === undefined) return none
  const licence = /^license:[ \t]*["']?([\w.+ -]{1,60}?)["']?[ \t]*$/m.exec(yaml)?.[1] ?? null
  const splits = [
    ...yaml.matchAll(/-\s+split:\s*["']?([\w-]+)["']?\s*\n\s+path:\s*["']?([^"'\n]+?)["']?\s*$/gm),
  ]
  return {
    licence: licence === 'unknown' || licence === 'other' ? null : licence,
    splits: splits.flatMap(([, word = '', where = '']) => {
      const split = splitWords[word.toLowerCase()]
      return split ? [{ split, pattern: globPattern(where) }] : []
    }),
  }
}

/** `data/train-*.parquet` as what it matches, at the end of a path. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?:^|/)${escaped.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`)
}

/** The split that a card, a folder or a file's name says. */
function splitOf(name: string, card: Card): SplitName | null {
  const told = card.splits.find(({ pattern }) => pattern.test(name))
  if (told) return told.split
  const words = name.toLowerCase().split('/').reverse()
  for (const word of words)
    for (const piece of word.replace(/^split=/, '').split(/[^a-z]+/)) {
      const split = splitWords[piece]
      if (split) return split
    }
  return null
}

/** Whether an archive holds pictures, or tables alone; by the names in it. Null where it can't be opened. */
export async function archiveHolds(file: string): Promise<'pictures' | 'tables' | null> {
  const zip = await openZip(file).catch(() => null)
  if (!zip) return null
  try {
    const { entries } = await listEntries(zip)
    const names = entries.map(nameOf).filter(name => !describing.test(name))
    const tables = names.filter(name => tableFile.test(name))
    return tables.length > 0 && tables.length === names.length ? 'tables' : 'pictures'
  } finally {
    zip.close()
  }
}
