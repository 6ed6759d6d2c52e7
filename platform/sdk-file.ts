import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { getConfig } from './config'

export interface SdkFile {
  text: string
  /** For `<script integrity>`: it holds until the next version of Amend. */
  integrity: string
  etag: string
}

const shared = globalThis as typeof globalThis & { amendSdkFile?: Promise<SdkFile> }

/** The SDK that this version serves, as one module. */
export function readSdkFile(): Promise<SdkFile> {
  if (process.env.NODE_ENV === 'development') return load()
  shared.amendSdkFile ??= load().catch(error => {
    delete shared.amendSdkFile
    throw error
  })
  return shared.amendSdkFile
}

async function load(): Promise<SdkFile> {
  const text = await readFile(
    path.join(/* turbopackIgnore: true */ getConfig().root, 'dist', 'sdk', 'amend.js'),
    'utf8',
  )
  const hash = createHash('sha384').update(text).digest('base64')
  return { text, integrity: `sha384-${hash}`, etag: `"${hash.slice(0, 32)}"` }
}
