import { type ParseArgsConfig, parseArgs } from 'node:util'
import { openClient } from '@/db/client'
import { migrationState } from '@/db/migrate'
import { type OpenDatabase, openDatabase } from '@/db/open-database'
import { type Config, getConfig } from '@/platform/config'
import { Failure } from '@/platform/failure'

/** What `scripts/start.mjs` brings along that the command itself can't know: how to build the pages. */
export interface Surroundings {
  buildPages?: (signal?: AbortSignal) => Promise<unknown>
}

export interface Command {
  /** One line for `help`. */
  summary: string
  /** How to call it, for a wrong call. */
  usage: string
  /** Returns the exit code. */
  run(args: string[], surroundings: Surroundings): Promise<number>
}

/** For people, on stderr: stdout carries only what a command was asked for. */
export function say(line = ''): void {
  process.stderr.write(`${line}\n`)
}

/** Parses a command's words; a wrong one is a Failure with the usage and exit code 2. */
export function parseWords<T extends ParseArgsConfig>(
  usage: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    const [reason] = (error as Error).message.split('. ')
    throw new Failure(`${reason}. Use: npm run amend -- ${usage}`, 2)
  }
}

/** Opens the database for the duration of one command, started if it does not run; it must be migrated. */
export async function withOpenDatabase<T>(
  work: (database: OpenDatabase, config: Config) => Promise<T>,
): Promise<T> {
  const config = getConfig()
  const database = await openDatabase(config)
  try {
    const client = await openClient()
    const { pending } = await migrationState(client, config.root).finally(() => client.end())
    if (pending.length > 0)
      throw new Failure(
        `The database lacks ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`}. Run npm run amend -- migrate, then this again.`,
      )
    return await work(database, config)
  } finally {
    await database.close()
  }
}
