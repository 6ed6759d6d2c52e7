import { takeBackup } from '@/db/backup'
import { formatDuration, monotonicMs } from '@/platform/clock'
import { Failure } from '@/platform/failure'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary: 'Writes everything in the database to one file, also while Amend runs.',
  usage: 'backup FILE',
  async run(args) {
    const { positionals } = parseWords(this.usage, { args, options: {}, allowPositionals: true })
    const [file, ...more] = positionals
    if (!file || more.length > 0)
      throw new Failure(`Name one file to write. Use: npm run amend -- ${this.usage}`, 2)
    return withOpenDatabase(async (_database, config) => {
      const began = monotonicMs()
      const result = await takeBackup(file, { root: config.root })
      const size = (result.bytes / 1_000_000).toFixed(1)
      say(
        `Saved ${result.rows} rows of ${result.tables} tables and ${result.media} files as of ${result.takenAt} to ${result.file} (${size} MB, ${formatDuration(monotonicMs() - began)})`,
      )
      if (result.mediaMissing > 0)
        say(
          `${result.mediaMissing} files that the database names are not in ${config.home}/media, so they are not in the backup. They were erased meanwhile, or lie on another machine.`,
        )
      if (!config.authSecret)
        say(
          `The secrets are not in it. Keep a copy of ${config.home}/secrets.json apart, or people sign in anew and get other pseudonyms after a restore elsewhere.`,
        )
      return 0
    })
  },
}
