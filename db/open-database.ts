import type { Config } from '@/platform/config'
import { getSecrets, openHome } from '@/platform/home'
import { getLog } from '@/platform/log'
import { closePool, openClient, pointAtDatabase } from './client'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { checkServerVersion } from './migrate'

export interface OpenDatabase {
  url: string
  version: string
  embedded: EmbeddedPostgres | null
  close(options?: { hurry?: boolean }): Promise<void>
}

/**
 * Opens the database that the configuration names: DATABASE_URL, or the embedded Postgres of the state folder, which is
 * started if it does not run and stopped again by the last process that closes it.
 */
export async function openDatabase(config: Config, { supervised = false } = {}): Promise<OpenDatabase> {
  if (config.databaseUrl) {
    await pointAtDatabase(null)
    const client = await openClient(config.databaseDirectUrl ?? config.databaseUrl)
    try {
      const version = await checkServerVersion(client)
      return { url: config.databaseUrl, version, embedded: null, close: closePool }
    } finally {
      await client.end()
    }
  }
  openHome(config.home)
  const embedded = await startEmbeddedPostgres({
    root: config.root,
    home: config.home,
    password: getSecrets().databasePassword,
    onDeath: supervised
      ? ({ error, restartedMs }) =>
          error
            ? getLog().error(
                { err: error },
                'The embedded Postgres died and could not be started again; trying on',
              )
            : getLog().warn(
                { restartedMs: Math.round(restartedMs ?? 0) },
                'The embedded Postgres died and was started again',
              )
      : undefined,
  })
  await pointAtDatabase(embedded.url)
  return {
    url: embedded.url,
    version: embedded.version,
    embedded,
    async close(options) {
      await pointAtDatabase(null)
      await embedded.release(options)
    },
  }
}
