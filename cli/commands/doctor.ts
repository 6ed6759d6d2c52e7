import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { openClient } from '@/db/client'
import { findNativeFolder } from '@/db/embedded-postgres'
import { checkServerVersion, migrationState } from '@/db/migrate'
import { openDatabase } from '@/db/open-database'
import { findBrowser } from '@/platform/browser'
import { type Config, getConfig } from '@/platform/config'
import { sentenceFor } from '@/platform/failure'
import { openHome, runningServer } from '@/platform/home'
import { type Command, parseWords } from '../command'

const ENOUGH_DISK_BYTES = 500_000_000

interface Finding {
  what: string
  /** Empty when all is well; else what to do. */
  mend: string
  /** Worth saying, but nothing is wrong. */
  optional?: boolean
}

export const command: Command = {
  summary: 'Looks at everything Amend needs on this machine and says what to do where something is missing.',
  usage: 'doctor',
  async run(args) {
    parseWords(this.usage, { args, options: {} })
    const config = getConfig()
    let wrong = 0
    for (const check of [
      checkNode,
      checkBinaries,
      checkFolder,
      checkDisk,
      checkPort,
      checkDatabase,
      checkBrowser,
    ]) {
      for (const finding of await check(config)) {
        if (finding.mend && !finding.optional) wrong++
        const mark = !finding.mend ? 'ok  ' : finding.optional ? 'note' : 'MEND'
        process.stdout.write(`${mark}  ${finding.what}${finding.mend ? `: ${finding.mend}` : ''}\n`)
      }
    }
    process.stdout.write(wrong === 0 ? 'All is well.\n' : `${wrong} to mend.\n`)
    return wrong === 0 ? 0 : 1
  },
}

function checkNode(): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOld = major < 20 || (major === 20 && minor < 19)
  return [
    {
      what: `Node ${process.versions.node}`,
      mend: isOld ? 'install 20.19 or newer from https://nodejs.org' : '',
    },
  ]
}

function checkBinaries(config: Config): Finding[] {
  if (config.databaseUrl) return []
  const found = findNativeFolder(config.root)
  return [
    {
      what: `Embedded Postgres for ${process.platform} ${process.arch}`,
      mend: found ? '' : 'run npm install --include=dev, or set DATABASE_URL to a Postgres 15 or newer',
    },
  ]
}

function checkFolder(config: Config): Finding[] {
  const what = `State folder ${config.home}`
  if (!existsSync(config.home)) return [{ what: `${what} (made at the first start)`, mend: '' }]
  try {
    openHome(config.home)
    accessSync(config.home, constants.W_OK)
  } catch (error) {
    return [{ what, mend: sentenceFor(error) ?? String(error) }]
  }
  const holder = runningServer(config.home)
  return [
    { what, mend: '' },
    ...(holder
      ? [
          {
            what: `Amend runs there as process ${holder.pid}${holder.url ? ` at ${holder.url}` : ''}`,
            mend: '',
          },
        ]
      : []),
  ]
}

function checkDisk(config: Config): Finding[] {
  let folder = config.home
  while (!existsSync(folder)) folder = path.dirname(folder)
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  return [
    {
      what: `${(free / 1e9).toFixed(1)} GB free on disk`,
      mend: free < ENOUGH_DISK_BYTES ? 'free some space; 0.5 GB is the least' : '',
    },
  ]
}

async function checkPort(config: Config): Promise<Finding[]> {
  const holder = runningServer(config.home)
  if (holder?.port === config.port || config.port === 0) return []
  const error = await new Promise<Error | null>(resolve => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen(config.port, config.host, () => probe.close(() => resolve(null)))
  })
  return [
    {
      what: `Port ${config.port} on ${config.host}`,
      mend: error ? (sentenceFor(error) ?? error.message) : '',
    },
  ]
}

async function checkDatabase(config: Config): Promise<Finding[]> {
  if (!config.databaseUrl && !existsSync(path.join(config.home, 'postgres', 'location.json')))
    return [{ what: 'Database (made at the first start)', mend: '' }]
  try {
    const database = await openDatabase(config)
    try {
      const client = await openClient()
      try {
        const version = await checkServerVersion(client)
        const { applied, pending } = await migrationState(client, config.root)
        return [
          { what: `Postgres ${version} answers${database.embedded ? ' (embedded)' : ''}`, mend: '' },
          {
            what: `${applied.length} of ${applied.length + pending.length} migrations applied`,
            mend: pending.length > 0 ? 'npm start applies them, or npm run amend -- migrate' : '',
            optional: true,
          },
        ]
      } finally {
        await client.end()
      }
    } finally {
      await database.close()
    }
  } catch (error) {
    return [{ what: 'Database', mend: sentenceFor(error) ?? (error as Error).message }]
  }
}

function checkBrowser(): Finding[] {
  const browser = findBrowser()
  return [
    {
      what: browser ? `Browser for npm test: ${browser}` : 'No browser for npm test',
      mend: browser ? '' : 'npm test gets one; or install Chromium, or set CHROMIUM_PATH',
      optional: true,
    },
  ]
}
