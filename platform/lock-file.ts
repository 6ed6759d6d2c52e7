import { linkSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { processIdentity } from './process-identity'

/** What a lock file says about its holder. */
export interface LockHolder {
  pid: number
  identity: string
  startedAt: string
  port?: number
  url?: string
}

export interface LockFile {
  /** Adds to what the file says, for example the port once it is known. */
  update(details: Partial<LockHolder>): void
  release(): void
}

export type LockAttempt = { held: LockFile } | { holder: LockHolder }

function read(file: string): LockHolder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockHolder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    if (error instanceof SyntaxError) return { pid: 0, identity: '', startedAt: '' }
    throw error
  }
}

const isAlive = (holder: LockHolder) => holder.pid > 0 && processIdentity(holder.pid) === holder.identity

/** Who holds the lock now, or null: a file left behind by a process that is gone counts for nothing. */
export function lockHolder(file: string): LockHolder | null {
  const holder = read(file)
  return holder && isAlive(holder) ? holder : null
}

/** Takes the lock for this process, or says who holds it. Never waits. */
export function tryLock(file: string): LockAttempt {
  const mine: LockHolder = {
    pid: process.pid,
    identity: processIdentity(process.pid) ?? `${process.pid}`,
    startedAt: new Date().toISOString(),
  }
  for (let attempt = 0; attempt < 20; attempt++) {
    if (createWith(file, mine)) return { held: holdLock(file, mine) }
    const holder = read(file)
    if (!holder) continue
    if (isAlive(holder)) return { holder }
    clearStale(file, holder)
  }
  throw Object.assign(new Error(`The lock file ${file} can't be taken.`), { code: 'EACCES', path: file })
}

/** The file appears with its content in one step, so that no reader ever meets an empty one. */
function createWith(file: string, holder: LockHolder): boolean {
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST') return false
    // Some file systems know no hard links: the plain exclusive create is the next best.
    try {
      writeFileSync(file, JSON.stringify(holder), { mode: 0o600, flag: 'wx' })
      return true
    } catch (again) {
      if ((again as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw again
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Moves the file away before looking at it again: only one of several can, and a fresh lock is put back. */
function clearStale(file: string, judged: LockHolder): void {
  const aside = `${file}.stale.${process.pid}.${Math.random().toString(36).slice(2)}`
  try {
    if (judged.pid === 0 && Date.now() - statSync(file).mtimeMs < 2000) return
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = read(aside)
  if (moved && isAlive(moved)) {
    try {
      linkSync(aside, file)
    } catch {
      // Someone else took it in between; the one that was moved will find out when it releases.
    }
  }
  unlinkSync(aside)
}

function holdLock(file: string, mine: LockHolder): LockFile {
  return {
    update(details) {
      Object.assign(mine, details)
      const draft = `${file}.${process.pid}.next`
      writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
      renameSync(draft, file)
    },
    release() {
      if (read(file)?.identity === mine.identity) rmSync(file, { force: true })
    },
  }
}
