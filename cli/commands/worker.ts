import { startWorker } from '@/jobs/worker'
import { Failure } from '@/platform/failure'
import { type Command, parseWords, say, withOpenDatabase } from '../command'

export const command: Command = {
  summary:
    'Works on jobs in a process of its own. With AMEND_JOBS=0 the server leaves all of them to such workers.',
  usage: 'worker [--concurrency 1]',
  async run(args) {
    const { values } = parseWords(this.usage, {
      args,
      options: { concurrency: { type: 'string', default: '1' } },
    })
    const concurrency = Number(values.concurrency)
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 16)
      throw new Failure('--concurrency takes a whole number from 1 to 16.', 2)
    await withOpenDatabase(async () => {
      const worker = await startWorker({ concurrency })
      say('Working on jobs. Ctrl-C stops calmly: what is under way goes on elsewhere or later.')
      await new Promise<void>(resolve => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
      })
      await worker.stop()
    })
    return 0
  },
}
