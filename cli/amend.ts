import { getConfig } from '@/platform/config'
import { sentenceFor } from '@/platform/failure'
import { getLog } from '@/platform/log'
import { type Command, type Surroundings, say } from './command'

export { findBrowser } from '@/platform/browser'

/** Every command, loaded only when it is called. */
const commands: Record<string, () => Promise<{ command: Command }>> = {
  start: () => import('./commands/start'),
  dev: () => import('./commands/dev'),
  link: () => import('./commands/link'),
  user: () => import('./commands/user'),
  project: () => import('./commands/project'),
  key: () => import('./commands/key'),
  dataset: () => import('./commands/dataset'),
  evaluate: () => import('./commands/evaluate'),
  mlflow: () => import('./commands/mlflow'),
  export: () => import('./commands/export'),
  verify: () => import('./commands/verify'),
  seed: () => import('./commands/seed'),
  migrate: () => import('./commands/migrate'),
  worker: () => import('./commands/worker'),
  backup: () => import('./commands/backup'),
  restore: () => import('./commands/restore'),
  doctor: () => import('./commands/doctor'),
}

/** Runs one command and returns its exit code; every failure ends in one sentence on stderr. */
export async function runCommand(args: string[], surroundings: Surroundings = {}): Promise<number> {
  const [word = 'help', ...rest] = args
  try {
    if (['help', '--help', '-h'].includes(word)) return await help()
    const load = Object.hasOwn(commands, word) ? commands[word] : undefined
    if (!load) {
      say(`There is no command "${word}". npm run amend -- help lists them.`)
      return 2
    }
    const { command } = await load()
    if (rest.includes('--help')) {
      process.stdout.write(`${command.summary}\nUse: npm run amend -- ${command.usage}\n`)
      return 0
    }
    return await command.run(rest, surroundings)
  } catch (error) {
    return explain(error)
  }
}

function explain(error: unknown): number {
  const refusal = error as { amendError?: true; detail?: string } | null
  if (refusal?.amendError && refusal.detail) {
    say(refusal.detail)
    return 1
  }
  const sentence = sentenceFor(error)
  if (sentence) {
    say(sentence)
    return (error as { exitCode?: number }).exitCode ?? 1
  }
  say(
    'This should not have happened. What follows is for a bug report; nothing that was acknowledged is lost.',
  )
  say((error as Error)?.stack ?? String(error))
  try {
    if (getConfig().logFormat === 'json') getLog().fatal({ err: error }, 'The command failed')
  } catch {
    // Without a configuration there is no log; the sentence above is all there is.
  }
  return 1
}

async function help(): Promise<number> {
  const lines = ['Use: npm run amend -- COMMAND', '']
  for (const load of Object.values(commands)) {
    const { command } = await load()
    lines.push(`  ${command.usage}`, `      ${command.summary}`)
  }
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}
