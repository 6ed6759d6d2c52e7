import { lookup as resolveName } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { getConfig } from './config'

/** Why a request was not made or not finished, in a word that is safe to show. */
export type FetchFault =
  | 'refused-address'
  | 'bad-url'
  | 'no-answer'
  | 'too-slow'
  | 'too-large'
  | 'redirected-too-often'

export class SafeFetchError extends Error {
  constructor(
    readonly fault: FetchFault,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export interface SafeRequest {
  method?: 'GET' | 'POST' | 'PUT'
  headers?: Readonly<Record<string, string>>
  body?: string | Uint8Array
  /** For everything, redirects included. */
  timeoutMs: number
  /** Largest answer in bytes. */
  maxBytes: number
  /** How many redirects are followed, each address checked anew; none unless told. */
  redirects?: number
  signal?: AbortSignal
}

export interface SafeAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

/** Addresses that lead into the machine, its network or nowhere (IANA special-purpose registries). */
const inward = new BlockList()
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inward.addSubnet(address, prefix, 'ipv4')
for (const [address, prefix] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inward.addSubnet(address, prefix, 'ipv6')

/** Whether an address (IPv4, IPv6, or IPv4 mapped into IPv6) is one that a server must not be sent to by a stranger. */
export function isInward(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped) return inward.check(mapped, 'ipv4')
  // The same in hexadecimal: ::ffff:7f00:1.
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(bare)
  if (hex) {
    const [high, low] = [Number.parseInt(hex[1] ?? '0', 16), Number.parseInt(hex[2] ?? '0', 16)]
    return inward.check(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`, 'ipv4')
  }
  const family = isIP(bare)
  return family === 0 || inward.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}

const allowed = (address: string) => getConfig().allowPrivateUrls || !isInward(address)

/** Resolves once and connects to exactly what was checked, so that a name can't change in between. */
const checkedLookup: LookupFunction = (host, options, done) => {
  resolveName(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0)
    const all = Array.isArray(addresses) ? addresses : []
    const refused = all.find(({ address }) => !allowed(address))
    const first = all[0]
    if (refused || !first)
      return done(new SafeFetchError('refused-address', 'The address leads into a private network.'), '', 0)
    if (options.all) return done(null, all as never, 0)
    done(null, first.address, first.family)
  })
}

/**
 * Asks an address that somebody typed. It may lead to the public network alone, unless the operator allows more
 * (AMEND_ALLOW_PRIVATE_URLS); each redirect is checked anew, credentials do not travel to another origin, and no more
 * than `maxBytes` is read.
 *
 * @throws SafeFetchError
 */
export async function safeFetch(url: string, request: SafeRequest): Promise<SafeAnswer> {
  const ending = AbortSignal.timeout(request.timeoutMs)
  const signal = request.signal ? AbortSignal.any([request.signal, ending]) : ending
  let [at, headers, method, body] = [parse(url), request.headers ?? {}, request.method ?? 'GET', request.body]
  for (let left = request.redirects ?? 0; ; left--) {
    const answer = await once(at, { method, headers, body, maxBytes: request.maxBytes }, signal)
    const target = answer.headers.location
    if (!target || ![301, 302, 303, 307, 308].includes(answer.status) || (request.redirects ?? 0) === 0)
      return answer
    if (left === 0) throw new SafeFetchError('redirected-too-often', 'It redirects too often.')
    const next = parse(new URL(target, at).href)
    if (next.origin !== at.origin)
      headers = Object.fromEntries(
        Object.entries(headers).filter(([name]) => !/^(authorization|cookie|amend-signature)$/i.test(name)),
      )
    if (answer.status <= 303 && method !== 'GET') [method, body] = ['GET', undefined]
    at = next
  }
}

function parse(url: string): URL {
  let at: URL
  try {
    at = new URL(url)
  } catch {
    throw new SafeFetchError('bad-url', 'It is no address.')
  }
  if (at.protocol !== 'http:' && at.protocol !== 'https:')
    throw new SafeFetchError('bad-url', 'Only http and https addresses are asked.')
  if (at.username || at.password)
    throw new SafeFetchError('bad-url', 'An address may carry no user and password.')
  const host = at.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) && !allowed(host))
    throw new SafeFetchError('refused-address', 'The address leads into a private network.')
  return at
}

function once(
  at: URL,
  {
    method,
    headers,
    body,
    maxBytes,
  }: Required<Pick<SafeRequest, 'method' | 'headers' | 'maxBytes'>> & { body: SafeRequest['body'] },
  signal: AbortSignal,
): Promise<SafeAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(
        error instanceof SafeFetchError
          ? error
          : signal.aborted
            ? new SafeFetchError('too-slow', 'It did not answer in time.', { cause: error })
            : new SafeFetchError('no-answer', 'It can’t be reached.', { cause: error }),
      )
    const send = at.protocol === 'https:' ? https.request : http.request
    const request = send(
      at,
      {
        method,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        },
        lookup: checkedLookup,
        signal,
        agent: false,
      },
      answer => {
        const parts: Buffer[] = []
        let bytes = 0
        answer.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes > maxBytes) answer.destroy(new SafeFetchError('too-large', 'It answers with too much.'))
          else parts.push(part)
        })
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
        )
        answer.on('error', fail)
      },
    )
    request.on('error', fail)
    request.end(body)
  })
}
