import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { connections } from './closed-loop'

/** pgbench is not among the embedded binaries; Debian's speaks to any newer server. Null where there is none. */
export function findPgbench(): string | null {
  const debian = '/usr/lib/postgresql'
  const installed = existsSync(debian)
    ? readdirSync(debian).map(version => path.join(debian, version, 'bin', 'pgbench'))
    : []
  return (
    [...installed.sort().reverse(), '/usr/bin/pgbench', '/usr/local/bin/pgbench'].find(file =>
      existsSync(file),
    ) ?? null
  )
}

export const noPgbench =
  'There is no pgbench on this machine (apt-get install postgresql-contrib), so that half is left out.'

/** Runs a script a fixed number of times on each of 32 connections and returns scripts a second, connecting left out. */
export async function runPgbench(
  file: string,
  {
    url,
    folder,
    script,
    perClient,
    variables,
  }: {
    url: string
    folder: string
    script: string
    perClient: number
    variables: Record<string, string | number>
  },
): Promise<number> {
  const scriptFile = path.join(folder, 'pgbench.sql')
  writeFileSync(scriptFile, script)
  const { hostname, port, username, password, pathname } = new URL(url)
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(connections),
    '-j',
    '1',
    '-t',
    String(perClient),
    '-f',
    scriptFile,
  ]
  for (const [name, value] of Object.entries(variables)) args.push('-D', `${name}=${value}`)
  const child = spawn(file, [...args, '-h', hostname, '-p', port, '-U', username, pathname.slice(1)], {
    env: {
      PATH: process.env.PATH,
      PGPASSWORD: decodeURIComponent(password),
      LANG: 'C',
    } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', part => {
    output += part
  })
  child.stderr.on('data', part => {
    output += part
  })
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  const rate = /tps = ([\d.]+) \(without/.exec(output)
  if (code !== 0 || !rate || /aborted/.test(output))
    throw new Error(`pgbench ended with ${code}: ${output.slice(-600)}`)
  return Number(rate[1])
}
