import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@/main'
import { formatDuration, monotonicMs } from '@/platform/clock'
import { type Config, getConfig, setConfig } from '@/platform/config'
import { Failure, sentenceFor } from '@/platform/failure'
import { getLog } from '@/platform/log'
import { createFirstSignInLink } from '@/server/first-sign-in'
import { type Command, parseWords, say } from '../command'

/** npm passes a Ctrl-C on that the terminal has delivered already; the echo is not a second one. */
const ECHO_MS = 500
const HURRY_MS = 6000

export const command: Command = {
  summary: 'Starts Amend: database, migrations, demo, API and pages. Ctrl-C stops it.',
  usage: 'start [--port 3000] [--host 127.0.0.1]',
  async run(args, { buildPages }) {
    const { values } = parseWords(this.usage, {
      args,
      options: { port: { type: 'string' }, host: { type: 'string' } },
    })
    const config = configure(values)
    const began = monotonicMs()
    say('Starting Amend')
    const signals = onSignals()
    const server = await serve({
      config,
      buildPages,
      signal: signals.stop,
      onStep: (what, durationMs) =>
        say(`  ${what}${durationMs === undefined ? '' : ` (${formatDuration(durationMs)})`}`),
    })
    process.on('unhandledRejection', error =>
      getLog().error({ err: error }, 'A promise failed that nobody waited for'),
    )
    const crashed = new Promise<number>(resolve => {
      process.once('uncaughtException', error => {
        getLog().fatal({ err: error }, 'An error that nobody caught; stopping')
        resolve(1)
      })
    })
    say(`Ready at ${server.url} after ${formatDuration(monotonicMs() - began)}`)
    await sayWhereToGo(server.url)

    const code = await Promise.race([aborted(signals.stop).then(() => 0), crashed])
    const hurried = aborted(signals.hurry).then(() => server.stop({ hurry: true }))
    await Promise.race([server.stop({ hurry: code !== 0 }), hurried.then(() => sleep(HURRY_MS))])
    say('Stopped.')
    process.exit(code)
  },
}

function configure(values: { port?: string; host?: string }): Config {
  if (values.port !== undefined) process.env.PORT = values.port
  if (values.host !== undefined) process.env.HOST = values.host
  const config = { ...getConfig() }
  setConfig({
    ...config,
    logFormat: config.logFormat ?? (process.stderr.isTTY || !config.production ? 'human' : 'json'),
  })
  return getConfig()
}

async function sayWhereToGo(url: string): Promise<void> {
  try {
    const link = await createFirstSignInLink(url)
    if (link) {
      say()
      say('  Open this to sign in as the owner. It works once:')
      say()
      say(`    ${link}`)
      say()
    } else say(`  Sign in at ${url}. A new one-time link: npm run amend -- link`)
  } catch (error) {
    say(
      `  The sign-in link could not be made: ${sentenceFor(error) ?? 'see the log'}. Try npm run amend -- link`,
    )
    getLog().error({ err: error }, 'The sign-in link could not be made')
  }
}

/** Ctrl-C and its kin: once to stop calmly, twice to hurry. */
function onSignals(): { stop: AbortSignal; hurry: AbortSignal } {
  const stop = new AbortController()
  const hurry = new AbortController()
  let firstAt: number | null = null
  const onSignal = () => {
    const now = monotonicMs()
    if (firstAt === null) {
      firstAt = now
      say('Stopping: what is under way is finished first. Ctrl-C again to hurry.')
      stop.abort(new Failure('Stopped before it was ready.', 130))
    } else if (now - firstAt > ECHO_MS) hurry.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  return { stop: stop.signal, hurry: hurry.signal }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
