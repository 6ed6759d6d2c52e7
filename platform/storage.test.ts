import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDiskStorage, mediaKey, type Storage } from './storage'

let folder: string
let storage: Storage
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'amend-storage-'))
  storage = createDiskStorage(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const project = randomUUID()
const content = Buffer.from('a picture')
const key = mediaKey(project, createHash('sha256').update(content).digest('hex'))
const drafts = () => readdirSync(path.join(folder, '.incoming'))

describe('storage on disk', () => {
  it('gives back what was put, however often it was put', async () => {
    await storage.put(key, content)
    await storage.put(key, Readable.from([content.subarray(0, 3), content.subarray(3)]))
    expect(await buffer((await storage.get(key)) as Readable)).toEqual(content)
    expect(await storage.stat(key)).toEqual({ bytes: content.length })
    expect(drafts()).toEqual([])
  })

  it('knows nothing of what it was not given, and forgets what is deleted', async () => {
    const other = mediaKey(project, 'ab'.repeat(32))
    expect(await storage.get(other)).toBeNull()
    expect(await storage.stat(other)).toBeNull()
    await storage.delete(other)
    await storage.delete(key)
    expect(await storage.get(key)).toBeNull()
  })

  it('leaves nothing behind when a source breaks off', async () => {
    const broken = Readable.from(
      (async function* () {
        yield content
        throw new Error('the line went dead')
      })(),
    )
    await expect(storage.put(key, broken)).rejects.toThrow('the line went dead')
    expect(await storage.stat(key)).toBeNull()
    expect(drafts()).toEqual([])
  })

  it.each([
    '../secrets.json',
    `${project}/../../x`,
    `${project}/ab/${'cd'.repeat(32)}`,
    `${project}/ab/ab`,
    '',
  ])('refuses %j as a key', async bad => {
    await expect(storage.put(bad, content)).rejects.toThrow('not a storage key')
    await expect(storage.get(bad)).rejects.toThrow('not a storage key')
  })

  it('takes a whole project away and no other', async () => {
    const elsewhere = mediaKey(randomUUID(), 'ef'.repeat(32))
    await storage.put(key, content)
    await storage.put(elsewhere, content)
    await storage.deleteProject(project)
    expect(await storage.stat(key)).toBeNull()
    expect(await storage.stat(elsewhere)).not.toBeNull()
    await expect(storage.deleteProject('..')).rejects.toThrow('not a project id')
  })
})
