import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import {
  type BareEvent,
  type BareGround,
  decisionRows,
  eventRows,
  lockKeyOf,
  statements,
} from './bare-append'

// node:http and pg with nothing between them: no checks, no fold, no answer worth the name, the same statements.
const ground = JSON.parse(process.env.BENCH_GROUND ?? '{}') as BareGround
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 })

async function append(events: readonly BareEvent[]): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const exposureIds = [...new Set(events.map(event => event.exposureId))]
    await client.query({
      name: 'lock',
      text: statements.lock,
      values: [exposureIds.map(id => lockKeyOf(ground.projectId, id)).sort()],
    })
    const { rows } = await client.query({
      name: 'load',
      text: statements.load,
      values: [ground.projectId, exposureIds, events.map(event => event.id)],
    })
    const now = rows.find(row => row.kind === 'now').body.micros
    await client.query({
      name: 'write',
      text: statements.write,
      values: [ground.projectId, now, eventRows(events, ground), decisionRows(events), '[]'],
    })
    await client.query('commit')
  } finally {
    client.release()
  }
}

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(parts).toString())
    const id = request.url?.split('/').at(-1) ?? ''
    const events: BareEvent[] = Array.isArray(body.events) ? body.events : [{ ...body, id }]
    append(events).then(
      () => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ events: events.map(event => ({ id: event.id, status: 'stored' })) }))
      },
      (error: Error) => {
        response.statusCode = 500
        response.end(error.message)
      },
    )
  })
})
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  process.stdout.write(`{"port":${(server.address() as AddressInfo).port}}\n`)
})
process.once('SIGTERM', () => process.exit(0))
