import { createHash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import type { DatasetFormatId } from '@/domain/dataset-formats'
import { startServerProcess, waitUntilReady } from '../child-process'
import { benchActor, dispenser } from '../exposures'
import { acceptedGround, freezeGround } from '../frozen-ground'
import type { BenchProject } from '../workplace'
import type { Fault } from './fault'
import { Ledger } from './ledger'
import { refusals, startPeople } from './people'

const rows = 2_000
/** Taken in turn. */
const formats = ['parquet', 'jsonl', 'hugging-face', 'jsonl-gzip', 'csv'] as const satisfies DatasetFormatId[]
/** Where the download ends, and whose end it is. */
const ends = [
  { share: 0.1, killed: 'server' },
  { share: 0.5, killed: 'client' },
  { share: 0.9, killed: 'server' },
] as const

export const cutExports: Fault = {
  name: 'F8',
  breaks:
    'server, client and server again killed at 10, 50 and 90 % of an export, while people go on deciding',
  holds: 'resumed by Range and ETag, each format has the SHA-256 of an uninterrupted run',
  times: 15,
  async run({ workplace, entry, times, people: count, say }) {
    const ground = await acceptedGround(`f8-${Date.now().toString(36)}`, rows)
    const { project, dataset } = ground
    await freezeGround(ground, rows)
    const app = await startServerProcess(entry, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
    })
    const problems: string[] = []
    const figures: Record<string, number> = { rows, cuts: 0 }
    const ledger = new Ledger()
    // They take back and decide anew what the version holds.
    const people = startPeople(count, {
      url: () => app.url,
      project,
      ledger,
      nextExposure: dispenser(ground.exposures),
    })
    try {
      if ((await waitUntilReady(app.url, 20_000)) === null) throw new Error('the app did not get ready')
      for (let turn = 0; turn < times; turn++) {
        const format = formats[turn % formats.length] ?? 'jsonl'
        const path = `/api/v1/projects/${project.slug}/datasets/${dataset}/versions/1/export?format=${format}`
        const fetchPart = (from: number, etag: string | null, until: number | null) =>
          download(`${app.url}${path}`, project, { from, etag, until })
        const whole = await fetchPart(0, null, null)
        const expected = sha256([whole.bytes])
        // Made anew from here on, so that a kill meets a server that is making it.
        await workplace.pool.query('DELETE FROM dataset_files WHERE project_id = $1', [project.id])
        const parts: Buffer[] = []
        const length = () => parts.reduce((sum, part) => sum + part.length, 0)
        let etag: string | null = null
        for (const { share, killed } of ends) {
          const until: number = Math.floor(whole.bytes.length * share)
          if (until <= length()) continue
          const part = await fetchPart(length(), etag, until)
          parts.push(part.bytes)
          etag = part.etag
          figures.cuts = (figures.cuts ?? 0) + 1
          if (killed === 'client') continue
          await app.kill()
          await app.start()
          if ((await waitUntilReady(app.url, 20_000)) === null) throw new Error('the app did not come back')
        }
        parts.push((await fetchPart(length(), etag, null)).bytes)
        if (sha256(parts) !== expected)
          problems.push(`${format} has other bytes after it was cut: ${length()} of ${whole.bytes.length}`)
        say(`${turn + 1}: ${format}, ${whole.bytes.length} bytes`)
      }
    } finally {
      await people.stop()
      await app.stop()
    }
    problems.push(...refusals(ledger))
    return {
      target: 'F8',
      ok: problems.length === 0,
      figures: { ...figures, formats: formats.length, sent: ledger.entries.size },
      problems,
    }
  },
}

function sha256(parts: readonly Buffer[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Bytes of the file from `from` on; the client hangs up once it has those before `until`. */
function download(
  url: string,
  project: BenchProject,
  { from, etag, until }: { from: number; etag: string | null; until: number | null },
): Promise<{ bytes: Buffer; etag: string | null }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${project.key}`,
      'amend-actor': benchActor,
      ...(from > 0 ? { range: `bytes=${from}-`, 'if-range': etag ?? '' } : {}),
    }
    const take = (response: IncomingMessage) => {
      if (response.statusCode !== (from > 0 ? 206 : 200))
        return reject(new Error(`the export was answered ${response.statusCode}`))
      const given = response.headers.etag ?? null
      const parts: Buffer[] = []
      let at = from
      const done = () => resolve({ bytes: Buffer.concat(parts), etag: given })
      response.on('data', (part: Buffer) => {
        const wanted = until === null ? part : part.subarray(0, Math.max(0, until - at))
        parts.push(wanted)
        at += wanted.length
        if (until === null || at < until) return
        done()
        response.destroy()
      })
      response.on('error', reject)
      response.on('end', () =>
        response.complete ? done() : reject(new Error('the export was cut off by the server')),
      )
    }
    get(url, { headers }, take).on('error', reject)
  })
}
