import { Logger } from 'graphile-worker'
import { getLog } from '@/platform/log'

/** The queue's words in our log; its chatter about every job stays out. */
export function queueLogger(): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error') getLog().error({ part: 'job queue' }, message)
    else if (level === 'warning') getLog().warn({ part: 'job queue' }, message)
  })
}
