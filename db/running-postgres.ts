import { readFileSync } from 'node:fs'
import path from 'node:path'
import { processCommand } from '@/platform/process-identity'

// Kept apart from starting it: the pages only need to find the server, and a bundler follows every file that is opened.

export const DATABASE = 'amend'
export const ROLE = 'amend'

/** Where the data and the binaries of a state folder's Postgres lie. */
export interface Location {
  dataFolder: string
  nativeFolder: string
}

export interface Postmaster {
  pid: number
  port: number
  ready: boolean
}

export const clusterFolder = (home: string) => path.join(home, 'postgres')

export function embeddedUrl(port: number, password: string): string {
  return `postgres://${ROLE}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`
}

/** The address of the running embedded Postgres of a state folder, or null when it does not run. Reads two small files. */
export function runningUrl(home: string, password: string): string | null {
  const location = readLocation(home)
  const postmaster = location && readPostmaster(location.dataFolder)
  return postmaster?.ready && isPostmaster(postmaster.pid) ? embeddedUrl(postmaster.port, password) : null
}

export function readLocation(home: string): Location | null {
  try {
    return JSON.parse(readFileSync(path.join(clusterFolder(home), 'location.json'), 'utf8')) as Location
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Postgres's own lock file: process number, data folder, start time, port, socket folder, address, memory key, state. */
export function readPostmaster(dataFolder: string): Postmaster | null {
  try {
    const lines = readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
    const pid = Number(lines[0])
    const port = Number(lines[3])
    return pid > 0 && port > 0 ? { pid, port, ready: lines[7]?.trim() === 'ready' } : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export const isPostmaster = (pid: number) => /postgres/.test(processCommand(pid) ?? '')
