import path from 'node:path'
import { backupBeforeMigration } from '@/db/backup'
import { migrate } from '@/db/migrate'
import { openDatabase } from '@/db/open-database'
import { formatDuration } from '@/platform/clock'
import { getConfig } from '@/platform/config'
import { type Command, parseWords, say } from '../command'

export const command: Command = {
  summary: 'Brings the database up to date. start does this by itself; this is for doing it beforehand.',
  usage: 'migrate',
  async run(args) {
    parseWords(this.usage, { args, options: {} })
    const config = getConfig()
    const database = await openDatabase(config)
    try {
      const applied = await migrate({
        root: config.root,
        beforeMigrate: database.embedded
          ? async pending => {
              const file = await backupBeforeMigration(config, pending[0]?.name ?? 'migration')
              say(`Saved a backup to ${path.relative(process.cwd(), file) || file}`)
            }
          : undefined,
      })
      for (const { name, durationMs } of applied) say(`Applied ${name} (${formatDuration(durationMs)})`)
      if (applied.length === 0) say('The database is up to date.')
      return 0
    } finally {
      await database.close()
    }
  },
}
