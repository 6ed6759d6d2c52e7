import { hkdfSync, randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { type Config, getConfig } from './config'
import { Failure } from './failure'
import { type LockFile, type LockHolder, lockHolder, tryLock } from './lock-file'

const secretsSchema = z.object({
  authSecret: z.string().min(32),
  pseudonymKey: z.string().min(32),
  cursorKey: z.string().min(32),
  databasePassword: z.string().min(32),
})

/** Random strings that never leave the state folder: for sign-in cookies, pseudonyms, cursors and the embedded database. */
export type Secrets = z.infer<typeof secretsSchema>

const generate = () => randomBytes(36).toString('base64url')

/** Makes the state folder if it is missing and checks that it can be written; throws a Failure that says what is wrong. */
export function openHome(home: string): void {
  try {
    makeFolder(home, isRoot() ? 0o711 : 0o700)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new Failure(
        `The state folder ${home} can't be made: a file is in the way. Move it, or set AMEND_HOME to another folder.`,
      )
    if (code === 'ENOSPC') throw error
    throw new Failure(
      `The state folder ${home} can't be made (${code}). Make its parent writable, or set AMEND_HOME to another folder.`,
    )
  }
  if (!statSync(home).isDirectory())
    throw new Failure(`The state folder ${home} is a file. Move it, or set AMEND_HOME to another folder.`)
  const probe = path.join(home, `.probe-${process.pid}`)
  try {
    accessSync(home, constants.R_OK | constants.W_OK | constants.X_OK)
    writeFileSync(probe, 'x')
    rmSync(probe)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOSPC') throw error
    throw new Failure(
      `The state folder ${home} can't be written (${code}). Give this user the right to, or set AMEND_HOME to another folder.`,
    )
  }
}

/** Step by step, since Node's own recursive way never returns on a file system that takes no folders, such as /proc. */
function makeFolder(folder: string, mode: number): void {
  if (existsSync(folder)) return
  const parent = path.dirname(folder)
  if (parent !== folder) makeFolder(parent, 0o755)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Postgres refuses root, so an unprivileged user must be able to pass through the folder to its data. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Reads the secrets, or makes them (mode 0600) when there are none yet. */
export function loadSecrets(config: Config): Secrets {
  const file = path.join(config.home, 'secrets.json')
  const stored = readSecrets(file) ?? createSecrets(file, config)
  if (!config.authSecret) return stored
  // Several servers share only AUTH_SECRET, and all of them must give a person the same pseudonym.
  return {
    ...stored,
    authSecret: config.authSecret,
    pseudonymKey: derive(config.authSecret, 'amend pseudonyms'),
    cursorKey: derive(config.authSecret, 'amend cursors'),
  }
}

const derive = (secret: string, label: string) =>
  Buffer.from(hkdfSync('sha256', secret, '', label, 36)).toString('base64url')

function readSecrets(file: string): Secrets | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    parsed = null
  }
  const secrets = secretsSchema.safeParse(parsed)
  if (!secrets.success)
    throw new Failure(
      `${file} is damaged or holds a secret that is too short. Put back your copy of it; without it nobody stays signed in and pseudonyms change.`,
    )
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  return secrets.data
}

function createSecrets(file: string, config: Config): Secrets {
  if (!config.databaseUrl && existsSync(path.join(config.home, 'postgres', 'location.json')))
    throw new Failure(
      `${file} is missing, but the database it belongs to is there. Put back your copy of it, or set AMEND_HOME to another folder.`,
    )
  const secrets: Secrets = {
    authSecret: generate(),
    pseudonymKey: generate(),
    cursorKey: generate(),
    databasePassword: generate(),
  }
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  // Two first starts at once: whoever comes second takes what the first one made.
  const guard = tryLock(`${file}.lock`)
  if ('holder' in guard) {
    rmSync(draft, { force: true })
    return waitForSecrets(file)
  }
  try {
    const first = readSecrets(file)
    if (first) {
      rmSync(draft, { force: true })
      return first
    }
    renameSync(draft, file)
    return secrets
  } finally {
    guard.held.release()
  }
}

function waitForSecrets(file: string): Secrets {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = readSecrets(file)
    if (found) return found
    Atomics.wait(pause, 0, 0, 20)
  }
  throw new Failure(`${file} is being written by another start that does not finish. Start again.`)
}

const shared = globalThis as { __amendSecrets?: Secrets }

/** The secrets of this process; also puts AUTH_SECRET into its environment. */
export function getSecrets(): Secrets {
  if (!shared.__amendSecrets) {
    const config = getConfig()
    openHome(config.home)
    shared.__amendSecrets = loadSecrets(config)
    // The sign-in library reads its secret from the environment only.
    process.env.AUTH_SECRET ??= shared.__amendSecrets.authSecret
  }
  return shared.__amendSecrets
}

/** Forgets the secrets, after the configuration was replaced. */
export function resetSecrets(): void {
  delete shared.__amendSecrets
}

const serverLock = (home: string) => path.join(home, 'server.lock')

/** The server that runs on this folder, or null. */
export function runningServer(home: string): LockHolder | null {
  return lockHolder(serverLock(home))
}

/** Claims the folder for this server; a Failure says who has it. */
export function claimHome(home: string): LockFile {
  const attempt = tryLock(serverLock(home))
  if ('held' in attempt) return attempt.held
  throw new Failure(alreadyRunning(attempt.holder, home))
}

export function alreadyRunning(holder: LockHolder, home: string): string {
  const where = holder.url ? `at ${holder.url}` : 'and still starting'
  return `Amend is already running on ${home}, ${where} (process ${holder.pid}). Use that one, stop it with Ctrl-C, or set AMEND_HOME and PORT for a second.`
}
