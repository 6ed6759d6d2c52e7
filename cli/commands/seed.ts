import path from 'node:path'
import { configureModels, stopModels } from '@/models/registry'
import { removeDemo, seedDemoOnce } from '@/server/seed-demo'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary: 'Makes the demo project again, or takes it away with all that belongs to it.',
  usage: 'seed [--remove-demo]',
  async run(args) {
    const { values } = parseWords(this.usage, { args, options: { 'remove-demo': { type: 'boolean' } } })
    return withOpenDatabase(async (_database, config) => {
      if (values['remove-demo']) {
        const removed = await removeDemo()
        say(
          removed
            ? 'The demo and all that belonged to it are gone. Your own projects are untouched.'
            : 'There is no demo.',
        )
        return 0
      }
      configureModels({ workersDir: path.join(config.root, 'dist'), rootDir: config.root })
      try {
        const threads = await seedDemoOnce({ again: true })
        say(threads > 0 ? `Made the demo with ${threads} samples.` : 'The demo is there already.')
        return 0
      } finally {
        await stopModels()
      }
    })
  },
}
