import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { parseConfig, setConfig } from './config'
import { isInward, type SafeFetchError, safeFetch } from './safe-fetch'

const limits = { timeoutMs: 2_000, maxBytes: 1_000 }
const allow = (on: boolean) => setConfig(parseConfig({ AMEND_ALLOW_PRIVATE_URLS: on ? '1' : '0' }))
const servers: http.Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const faultOf = (url: string, more = {}) =>
  safeFetch(url, { ...limits, ...more }).then(
    () => null,
    error => (error as SafeFetchError).fault,
  )

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'not-an-address',
])('%s leads inwards', address => {
  expect(isInward(address)).toBe(true)
})

it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])('%s does not', address => {
  expect(isInward(address)).toBe(false)
})

describe('asking', () => {
  it('refuses private addresses, by number and by name, and other protocols', async () => {
    allow(false)
    let asked = 0
    const url = await serve((_, answer) => {
      asked++
      answer.end('secret')
    })
    expect(await faultOf(url)).toBe('refused-address')
    expect(await faultOf(url.replace('127.0.0.1', 'localhost'))).toBe('refused-address')
    expect(await faultOf(url.replace('127.0.0.1', '2130706433'))).toBe('refused-address')
    expect(await faultOf('file:///etc/passwd')).toBe('bad-url')
    expect(await faultOf('http://user:pass@example.com')).toBe('bad-url')
    expect(asked).toBe(0)
  })

  it('posts and reads where the operator allows it, and follows redirects only when told', async () => {
    allow(true)
    const url = await serve((request, answer) => {
      if (request.url === '/away') {
        answer.writeHead(302, { location: '/here' })
        answer.end()
      } else {
        let body = ''
        request.on('data', part => {
          body += part
        })
        request.on('end', () => answer.end(`${request.method} ${body}`))
      }
    })
    const posted = await safeFetch(`${url}/here`, { ...limits, method: 'POST', body: 'ä' })
    expect(posted.body.toString()).toBe('POST ä')
    expect((await safeFetch(`${url}/away`, limits)).status).toBe(302)
    expect((await safeFetch(`${url}/away`, { ...limits, redirects: 1 })).body.toString()).toBe('GET ')
  })

  it('gives up on what is slow, large or gone', async () => {
    allow(true)
    const slow = await serve(() => {})
    expect(await faultOf(slow, { timeoutMs: 50 })).toBe('too-slow')
    const large = await serve((_, answer) => answer.end('x'.repeat(5_000)))
    expect(await faultOf(large)).toBe('too-large')
    const loop = await serve((_, answer) => {
      answer.writeHead(302, { location: '/' })
      answer.end()
    })
    expect(await faultOf(loop, { redirects: 3 })).toBe('redirected-too-often')
    expect(await faultOf('http://127.0.0.1:9')).toBe('no-answer')
  })
})
