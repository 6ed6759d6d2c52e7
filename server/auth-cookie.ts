import 'server-only'
import { getConfig } from '@/platform/config'
import { getSecrets } from '@/platform/home'

/** Behind TLS the cookie takes the `__Host-` prefix, which pins it to this host and to https. */
export function sessionCookie(): { name: string; secure: boolean } {
  const secure = getConfig().publicUrl?.startsWith('https://') ?? false
  return { name: secure ? '__Host-amend.session' : 'amend.session', secure }
}

/** AUTH_SECRET, or the one that was made for the state folder. */
export function authSecret(): string {
  return getSecrets().authSecret
}
