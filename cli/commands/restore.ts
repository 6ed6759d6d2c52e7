import { existsSync } from 'node:fs'
import path from 'node:path'
import { restoreBackup } from '@/db/backup'
import { openDatabase } from '@/db/open-database'
import { formatDuration, monotonicMs } from '@/platform/clock'
import { getConfig, setConfig } from '@/platform/config'
import { Failure } from '@/platform/failure'
import { resetSecrets } from '@/platform/home'
import { type Command, parseWords, say } from '../command'

export const command: Command = {
  summary: 'Loads a backup into an empty database: a new folder, or the database at a DATABASE_URL.',
  usage: 'restore FILE [--into FOLDER|postgres://…]',
  async run(args) {
    const { values, positionals } = parseWords(this.usage, {
      args,
      options: { into: { type: 'string' } },
      allowPositionals: true,
    })
    const [file, ...more] = positionals
    if (!file || more.length > 0)
      throw new Failure(`Name one backup file. Use: npm run amend -- ${this.usage}`, 2)
    if (!existsSync(file)) throw new Failure(`There is no file ${file}.`)
    if (values.into) aimAt(values.into)
    const config = getConfig()
    const began = monotonicMs()
    const database = await openDatabase(config)
    try {
      const result = await restoreBackup(path.resolve(file), { root: config.root })
      say(
        `Restored ${result.rows} rows of ${result.tables} tables and ${result.media} files as of ${result.takenAt}, counts and hashes checked (${formatDuration(monotonicMs() - began)})`,
      )
      if (result.upgraded.length > 0)
        say(`Then applied ${result.upgraded.join(', ')}, since this version is newer than the backup.`)
      if (!config.databaseUrl) say(`Start it with AMEND_HOME=${config.home} npm start`)
      return 0
    } finally {
      await database.close()
    }
  },
}

function aimAt(target: string): void {
  const config = getConfig()
  const isUrl = /^postgres(ql)?:\/\//.test(target)
  resetSecrets()
  setConfig(
    isUrl
      ? { ...config, databaseUrl: target, databaseDirectUrl: target }
      : { ...config, home: path.resolve(target), databaseUrl: null, databaseDirectUrl: null },
  )
}
