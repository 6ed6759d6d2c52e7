import type { ChildProcess } from 'node:child_process'
import type { Server } from 'node:http'
import type { Browser } from '@playwright/test'
import { freePort, openBrowser, run, signIn, start, stop, waitForPage } from './pages'
import { openProxy } from './slow-proxy'
import type { TargetOptions } from './target'
import { openWorkplace, rootFolder, type Workplace } from './workplace'

interface ProxiedApp {
  workplace: Workplace
  browser: Browser
  /** Where the proxy in front of the app answers. */
  base: string
  /** Of an owner of the demo projects, for this address. */
  cookie: { name: string; value: string; url: string }
}

/** Builds the app, starts it behind the proxy, and closes all of it when the work is done. */
export async function withProxiedApp<T>(
  { name, say, apiDelayMs = 0 }: { name: string; say: TargetOptions['say']; apiDelayMs?: number },
  work: (app: ProxiedApp) => Promise<T>,
): Promise<T> {
  const root = rootFolder()
  const workplace = await openWorkplace(name)
  let app: ChildProcess | null = null
  let proxy: Server | null = null
  let browser: Browser | null = null
  try {
    say('building the pages …')
    await run(root, ['scripts/build.mjs'])
    const target = await freePort()
    app = start(root, ['scripts/start.mjs', '--port', String(target)], { AMEND_HOME: workplace.home })
    await waitForPage(`http://127.0.0.1:${target}/sign-in`)
    const front = await openProxy({ target, apiDelayMs })
    proxy = front.server
    const base = `http://localhost:${front.port}`
    const cookie = { ...(await signIn(workplace)), url: base }
    browser = await openBrowser()
    return await work({ workplace, browser, base, cookie })
  } finally {
    await browser?.close()
    proxy?.closeAllConnections()
    proxy?.close()
    if (app) await stop(app)
    await workplace.close()
  }
}
