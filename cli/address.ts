import type { Config } from '@/platform/config'
import { runningServer } from '@/platform/home'

/** Where people find this instance: AUTH_URL, the server that runs on the folder, or where the next one will listen. */
export function addressForPeople(config: Config): string {
  return config.publicUrl ?? runningServer(config.home)?.url ?? `http://localhost:${config.port}`
}
