import 'server-only'
import { getConfig } from '@/platform/config'
import { runningServer } from '@/platform/home'

/** Where this instance is found from outside, without a slash at its end: AUTH_URL, else where it listens. */
export function publicAddress(): string {
  const { publicUrl, home, host, port } = getConfig()
  return (publicUrl ?? runningServer(home)?.url ?? `http://${host}:${port}`).replace(/\/$/, '')
}
