import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface CutProxy {
  port: number
  cuts: number
  close(): Promise<void>
}

/** What to do with a piece that passes; `forward-then-cut` passes it on and drops what comes back. */
export type Fate = 'pass' | 'cut' | 'forward-then-cut'

interface Plan {
  target: () => number
  /** Splits what one client sends into pieces that are judged one by one; a new one for each connection. */
  pieces: () => (chunk: Buffer) => { bytes: Buffer; fate: Fate }[]
}

/** A TCP proxy on loopback that breaks connections at chosen points. */
export async function startCutProxy({ target, pieces }: Plan): Promise<CutProxy> {
  const open = new Set<Socket>()
  const proxy: { cuts: number } = { cuts: 0 }
  const server: Server = createServer(client => {
    const upstream = connect(target(), '127.0.0.1')
    const split = pieces()
    let muted = false
    let over = false
    const end = () => {
      over = true
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', () => {
        open.delete(socket)
        end()
      })
    }
    client.on('data', chunk => {
      for (const { bytes, fate } of split(chunk)) {
        if (over || muted) return
        if (fate === 'cut') {
          proxy.cuts++
          return end()
        }
        upstream.write(bytes)
        if (fate === 'forward-then-cut') {
          proxy.cuts++
          muted = true
        }
      }
    })
    // The first byte that comes back proves that the piece was worked on; the client never sees it.
    upstream.on('data', chunk => (muted ? end() : void client.write(chunk)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get cuts() {
      return proxy.cuts
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** Splits a Postgres client's stream into messages and asks about each COMMIT. */
export function commitPieces(judge: () => Fate): (chunk: Buffer) => { bytes: Buffer; fate: Fate }[] {
  let rest: Buffer = Buffer.alloc(0)
  let started = false
  return chunk => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const found: { bytes: Buffer; fate: Fate }[] = []
    for (;;) {
      // The first message has no type byte: only a length.
      const head = started ? 1 : 0
      if (rest.length < head + 4) return found
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return found
      const bytes = rest.subarray(0, length)
      rest = rest.subarray(length)
      const isCommit =
        started && bytes[0] === 0x51 && /^commit\b/i.test(bytes.toString('latin1', 5, length - 1))
      started = true
      found.push({ bytes, fate: isCommit ? judge() : 'pass' })
    }
  }
}
