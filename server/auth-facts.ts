import 'server-only'
import { getConfig } from '@/platform/config'

/** Set by the server's own front (`main.ts`) from the socket, over whatever the client sent under this name. */
export const remoteAddressHeader = 'amend-remote-address'

const loopbackAddress = /^(?:127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i
const loopbackName = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

export const isLoopbackAddress = (address: string) => loopbackAddress.test(address)

/** The address a page request came from, for counting failures; `local` where no front has set it (`next dev`). */
export function remoteAddress(headers: Headers): string {
  return headers.get(remoteAddressHeader) ?? 'local'
}

/**
 * True only when nobody but this machine can have sent it: the server listens on loopback, the socket is loopback,
 * no proxy stands between, and the browser calls us by a loopback name (so no foreign page got here by DNS rebinding).
 */
export function isFromThisMachine(headers: Headers): boolean {
  const { host, publicUrl } = getConfig()
  if (!isLoopbackAddress(host) && host !== 'localhost') return false
  if (publicUrl && !loopbackName.test(new URL(publicUrl).host)) return false
  const address = headers.get(remoteAddressHeader)
  if (address !== null && !isLoopbackAddress(address)) return false
  if (headers.has('forwarded')) return false
  const forwarded = [...(headers.get('x-forwarded-for') ?? '').split(',')]
    .map(part => part.trim())
    .filter(Boolean)
  if (!forwarded.every(isLoopbackAddress)) return false
  const names = [headers.get('host'), headers.get('x-forwarded-host')].filter(name => name !== null)
  return names.length > 0 && names.every(name => loopbackName.test(name))
}
