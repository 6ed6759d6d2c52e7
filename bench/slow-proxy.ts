import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createGzip } from 'node:zlib'

interface Options {
  target: number
  /** Added to every request of the API. */
  apiDelayMs?: number
}

/** What stands in front of a deployment: it compresses, and here it can be told to be slow. Says its port. */
export async function openProxy({
  target,
  apiDelayMs = 0,
}: Options): Promise<{ port: number; server: Server }> {
  const server = createServer((incoming, outgoing) => {
    const isApi = incoming.url?.startsWith('/api/v1/') ?? false
    if (isApi && apiDelayMs > 0) setTimeout(() => pass(incoming, outgoing, target), apiDelayMs)
    else pass(incoming, outgoing, target)
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, server }
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const onward = forward(
    { host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers: incoming.headers },
    answer => {
      const headers = { ...answer.headers }
      const text = /text|javascript|json|svg/.test(String(headers['content-type'] ?? ''))
      const wants = String(incoming.headers['accept-encoding'] ?? '').includes('gzip')
      if (!text || !wants || headers['content-encoding']) {
        outgoing.writeHead(answer.statusCode ?? 502, headers)
        answer.pipe(outgoing)
        return
      }
      delete headers['content-length']
      outgoing.writeHead(answer.statusCode ?? 502, { ...headers, 'content-encoding': 'gzip' })
      const gzip = createGzip({ level: 6 })
      // What streams goes on streaming.
      answer.on('data', chunk => {
        gzip.write(chunk)
        gzip.flush()
      })
      answer.on('end', () => gzip.end())
      gzip.pipe(outgoing)
    },
  )
  onward.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502)
    outgoing.end()
  })
  incoming.pipe(onward)
}
