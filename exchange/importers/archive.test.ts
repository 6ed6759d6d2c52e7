import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import yazl from 'yazl'
import { readArchive } from './archive'

const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-zip-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function pack(files: Record<string, Buffer | string>): Promise<Buffer> {
  const zip = new yazl.ZipFile()
  for (const [name, body] of Object.entries(files))
    if (name.endsWith('/')) zip.addEmptyDirectory(name)
    else zip.addBuffer(Buffer.from(body), name)
  zip.end()
  return buffer(zip.outputStream)
}

/** All rows, with what unpacking each picture gave. */
async function read(bytes: Buffer) {
  const file = path.join(folder, 'one.zip')
  writeFileSync(file, bytes)
  const rows = []
  for await (const row of readArchive(file)) {
    if (!('picture' in row)) {
      rows.push([
        row.line,
        'problem' in row ? row.problem.field : null,
        'problem' in row ? row.problem.detail : '',
      ])
      continue
    }
    const unpacked = await row.picture
      .open()
      .then(buffer)
      .then(
        body => body.toString(),
        () => 'can’t be unpacked',
      )
    rows.push([row.line, row.picture.fileName, unpacked])
  }
  return rows
}

/** Overwrites every place where `from` stands by something of the same length. */
function patch(bytes: Buffer, from: Buffer, to: Buffer): Buffer {
  const patched = Buffer.from(bytes)
  for (let at = patched.indexOf(from); at !== -1; at = patched.indexOf(from, at + 1)) to.copy(patched, at)
  return patched
}

describe('a zip of pictures', () => {
  it('is read in its own order, without folders and what systems leave behind', async () => {
    const bytes = await pack({
      'trip/': '',
      'trip/b.jpg': 'second',
      '__MACOSX/trip/._b.jpg': 'shadow',
      'trip/.DS_Store': 'shadow',
      'Thumbs.db': 'shadow',
      'trip/день/a.jpg': 'first',
    })
    expect(await read(bytes)).toEqual([
      [1, 'b.jpg', 'second'],
      [2, 'a.jpg', 'first'],
    ])
  })

  it('never follows a name out of its folder: only the last part is kept, as a name', async () => {
    const names = [
      ['ab/cd/passwd.jpg', '../../passwd.jpg'],
      ['C_/Windows/x.jpg', 'C:\\Windows\\x.jpg'],
      ['x/tmp/evil.jpg', '//tmp/evil.jpg'],
    ] as const
    let bytes = await pack(Object.fromEntries(names.map(([name]) => [name, name])))
    for (const [name, evil] of names) bytes = patch(bytes, Buffer.from(name), Buffer.from(evil))
    expect((await read(bytes)).map(row => row[1])).toEqual(['passwd.jpg', 'x.jpg', 'evil.jpg'])
  })

  it('refuses a file that is too large by itself, before it is unpacked', async () => {
    const bytes = await pack({ 'bomb.png': Buffer.alloc(21 * 1024 * 1024), 'small.png': 'x' })
    expect(bytes.length).toBeLessThan(100_000)
    expect(await read(bytes)).toEqual([
      [1, 'bomb.png', 'A picture may be 20 MB at most.'],
      [2, 'small.png', 'x'],
    ])
  })

  it('stops unpacking where a file is longer than the archive says', async () => {
    const size = 5_000_000
    const bytes = await pack({ 'bomb.png': Buffer.alloc(size) })
    const said = Buffer.alloc(4)
    said.writeUInt32LE(size)
    const lie = Buffer.alloc(4)
    lie.writeUInt32LE(10)
    expect(await read(patch(bytes, said, lie))).toEqual([[1, 'bomb.png', 'can’t be unpacked']])
  })

  it('refuses what is locked', async () => {
    const bytes = await pack({ 'a.png': 'x' })
    // Bit 0 of the general purpose flags (APPNOTE 4.4.4), which stand 8 bytes into an entry of the central directory.
    const entry = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'))
    bytes[entry + 8] = (bytes[entry + 8] ?? 0) | 1
    expect(await read(bytes)).toEqual([[1, 'a.png', expect.stringContaining('password')]])
  })

  it('says where it breaks off, and that it is none', async () => {
    const bytes = await pack({ 'a.png': 'x', 'b.png': 'y' })
    const second = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
    const damaged = Buffer.from(bytes)
    damaged.write('XXXX', second, 'latin1')
    expect(await read(damaged)).toEqual([
      [1, 'a.png', 'x'],
      [2, null, expect.stringContaining('damaged')],
    ])
    expect(await read(bytes.subarray(0, bytes.length - 30))).toEqual([
      [1, null, expect.stringContaining('damaged')],
    ])
  })
})
