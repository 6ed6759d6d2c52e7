import { type ChildProcess, spawn } from 'node:child_process'
import type { TestDatabase } from '@/db/test-db'
import { getConfig } from '@/platform/config'
import { getSecrets } from '@/platform/home'

/** Until it is so; what is waited for is done by another process or the worker, never by time alone. */
export async function until<T>(
  look: () => Promise<T | null | undefined | false>,
  mostMs = 30_000,
): Promise<T> {
  for (const began = Date.now(); ; ) {
    const found = await look()
    if (found) return found
    if (Date.now() - began > mostMs) throw new Error('it did not come to pass')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/**
 * `amend worker` of a built command line, as a process of its own on the test's database. It finds the workers of
 * built-in models below `dist` of the folder that it runs in.
 */
export function startWorkerProcess(db: TestDatabase, file: string, folder = getConfig().root): ChildProcess {
  const code = `const { runCommand } = await import(${JSON.stringify(file)}); process.exit(await runCommand(['worker']))`
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: folder,
    env: {
      ...process.env,
      AMEND_ROOT: getConfig().root,
      AMEND_HOME: getConfig().home,
      AUTH_SECRET: getSecrets().authSecret,
      DATABASE_URL: db.url,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/** Kills it with -9 while it is in the middle of a chunk of this job. */
export async function killMidway(
  db: TestDatabase,
  child: ChildProcess,
  job: { projectId: string; id: string },
): Promise<void> {
  // Whoever holds the job's row keeps the next chunk from committing: the process dies inside a transaction.
  const holder = await db.pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT FROM jobs WHERE project_id = $1 AND id = $2 FOR UPDATE', [job.projectId, job.id])
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  await holder.query('COMMIT')
  holder.release()
}
