import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** To a file beside the wanted one, which takes its name when it is whole. */
export async function saveAs(stream: Readable, out: string): Promise<void> {
  const draft = `${out}.part`
  try {
    await pipeline(stream, createWriteStream(draft))
    await rename(draft, out)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
