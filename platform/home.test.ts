import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseConfig } from './config'
import { claimHome, loadSecrets, openHome, runningServer } from './home'
import { lockHolder, tryLock } from './lock-file'

const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-home-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = (name: string) => {
  const home = path.join(folder, name)
  openHome(home)
  return home
}

describe('the state folder', () => {
  it('says what is in the way', () => {
    const file = path.join(folder, 'a-file')
    writeFileSync(file, '')
    expect(() => openHome(file)).toThrow(/is a file|in the way/)
    expect(() => openHome(path.join(file, 'below'))).toThrow(/in the way/)
  })

  it.runIf(process.platform === 'linux')('returns from a file system that takes no folders', () => {
    expect(() => openHome('/proc/amend/home')).toThrow(/can't be made/)
  })

  it('keeps its secrets to its owner, makes them once, and finds them again', () => {
    const home = fresh('secrets')
    const config = parseConfig({ AMEND_HOME: home })
    const first = loadSecrets(config)
    expect(statSync(path.join(home, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(loadSecrets(config)).toEqual(first)
    expect(new Set(Object.values(first)).size).toBe(4)
    chmodSync(path.join(home, 'secrets.json'), 0o644)
    loadSecrets(config)
    expect(statSync(path.join(home, 'secrets.json')).mode & 0o777).toBe(0o600)
  })

  it('derives every key from a given AUTH_SECRET, so that several servers agree', () => {
    const secret = 's'.repeat(40)
    const one = loadSecrets(parseConfig({ AMEND_HOME: fresh('one'), AUTH_SECRET: secret }))
    const two = loadSecrets(parseConfig({ AMEND_HOME: fresh('two'), AUTH_SECRET: secret }))
    expect(one.authSecret).toBe(secret)
    expect([one.pseudonymKey, one.cursorKey]).toEqual([two.pseudonymKey, two.cursorKey])
    expect(one.pseudonymKey).not.toBe(one.cursorKey)
  })

  it('refuses damaged secrets, and missing ones beside a database', () => {
    const home = fresh('damaged')
    writeFileSync(path.join(home, 'secrets.json'), '{"authSecret":"short"}')
    expect(() => loadSecrets(parseConfig({ AMEND_HOME: home }))).toThrow(
      /damaged or holds a secret that is too short/,
    )
    const other = fresh('missing')
    mkdirSync(path.join(other, 'postgres'))
    writeFileSync(path.join(other, 'postgres', 'location.json'), '{}')
    expect(() => loadSecrets(parseConfig({ AMEND_HOME: other }))).toThrow(/is missing, but the database/)
  })
})

describe('the lock', () => {
  it('refuses a second server on the folder with the address of the first, which keeps it', () => {
    const home = fresh('claimed')
    const claim = claimHome(home)
    claim.update({ port: 3000, url: 'http://localhost:3000' })
    expect(() => claimHome(home)).toThrow(
      new RegExp(`already running on .*http://localhost:3000 \\(process ${process.pid}\\)`),
    )
    expect(runningServer(home)?.port).toBe(3000)
    claim.release()
    expect(runningServer(home)).toBeNull()
    claimHome(home).release()
  })

  it('takes over from a process that was killed', () => {
    const file = path.join(fresh('killed'), 'x.lock')
    const { pid = 0 } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(file, JSON.stringify({ pid, identity: `${pid}:1`, startedAt: '' }))
    expect(lockHolder(file)).toBeNull()
    const attempt = tryLock(file)
    expect('held' in attempt).toBe(true)
    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(process.pid)
  })

  it.runIf(process.platform === 'linux')(
    'is not fooled by a stranger that got the number of the holder',
    () => {
      const file = path.join(fresh('stranger'), 'x.lock')
      const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'])
      try {
        writeFileSync(
          file,
          JSON.stringify({ pid: stranger.pid, identity: `${stranger.pid}:1`, startedAt: '' }),
        )
        expect('held' in tryLock(file)).toBe(true)
      } finally {
        stranger.kill('SIGKILL')
      }
    },
  )

  it('goes to exactly one of many that find it stale at the same moment', async () => {
    const file = path.join(fresh('many'), 'x.lock')
    writeFileSync(file, JSON.stringify({ pid: 999_999_999, identity: 'gone', startedAt: '' }))
    const script = path.join(folder, 'take.mjs')
    const esbuild = await import('esbuild')
    await esbuild.build({
      stdin: {
        contents: `import { tryLock } from './platform/lock-file'
          const attempt = tryLock(process.argv[2])
          process.stdout.write('held' in attempt ? 'held' : 'lost')
          setTimeout(() => {}, 1500)`,
        resolveDir: path.resolve(import.meta.dirname, '..'),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
    })
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => {
        const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
        return new Promise<string>(resolve => {
          let said = ''
          child.stdout.on('data', chunk => {
            said += chunk
          })
          child.on('exit', () => resolve(said))
        })
      }),
    )
    expect(answers.sort()).toEqual(['held', 'lost', 'lost', 'lost', 'lost', 'lost'])
  })
})
