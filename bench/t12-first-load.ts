import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from '@playwright/test'
import { findDemoQueue, freePort, openBrowser, run, signIn, start, stop, waitForPage } from './pages'
import { round, type Target, type TargetResult } from './target'
import { openWorkplace, rootFolder } from './workplace'

const routes = [
  '/p/demo/queues',
  '/p/demo/queues/new',
  '/p/demo/queues/gold',
  '/p/demo/adjudicate',
  '/p/demo/specification',
  '/p/demo/my-figures',
  '/p/demo/datasets',
  '/p/demo/learned',
  '/p/demo/inbox',
  '/p/album/album',
  '/p/demo/my-history',
  '/p/demo/feedback',
  '/p/demo/models',
  '/p/demo/history',
  '/p/demo/members',
  '/p/demo/settings',
  '/account',
  '/sign-in',
]

interface Transfer {
  kilobytes: number
  scripts: number
}

/** Bytes of the scripts that a page loads at first, each gzipped; servers here send them plain, a proxy in front would not. */
export const firstLoad: Target = async ({ say }) => {
  const root = rootFolder()
  const workplace = await openWorkplace('t12')
  const children: ChildProcess[] = []
  let empty: string | null = null
  let browser: Browser | null = null
  try {
    say('building the pages and an empty App Router app …')
    await run(root, ['scripts/build.mjs'])
    empty = makeEmptyApp(root)
    await run(empty, [path.join(root, 'node_modules/next/dist/bin/next'), 'build'])
    const [appPort, emptyPort] = [await freePort(), await freePort()]
    children.push(
      start(root, ['scripts/start.mjs', '--port', String(appPort)], { AMEND_HOME: workplace.home }),
    )
    children.push(
      start(
        empty,
        [
          path.join(root, 'node_modules/next/dist/bin/next'),
          'start',
          '-H',
          '127.0.0.1',
          '-p',
          String(emptyPort),
        ],
        {},
      ),
    )
    await Promise.all([
      waitForPage(`http://127.0.0.1:${appPort}/sign-in`),
      waitForPage(`http://127.0.0.1:${emptyPort}/`),
    ])
    const cookie = await signIn(workplace)

    const opened = await openBrowser()
    browser = opened
    const base = await measure(opened, `http://127.0.0.1:${emptyPort}/`, null)
    say(`${'empty app'.padEnd(22)} ${round(base.kilobytes, 1)} KB in ${base.scripts} scripts`)
    const found = new Map<string, number>()
    const workbench = `/p/demo/queues/${await findDemoQueue(workplace, 'demo')}`
    const ofQueue = ['manage', 'agreement', 'people'].map(page => `${workbench}/${page}`)
    for (const route of [workbench, ...ofQueue, ...routes]) {
      const page = await measure(
        opened,
        `http://localhost:${appPort}${route}`,
        route === '/sign-in' ? null : { ...cookie, url: `http://localhost:${appPort}` },
      )
      found.set(route, page.kilobytes)
      say(
        `${nameOf(route).padEnd(22)} ${round(page.kilobytes, 1)} KB in ${page.scripts} scripts, ${round(page.kilobytes / base.kilobytes)}`,
      )
    }
    const [heaviest = '', most = 0] = [...found].sort((a, b) => b[1] - a[1])[0] ?? []
    const at = (value: number) => {
      const ratio = round(value / base.kilobytes)
      return { ratio, range: [ratio, ratio] as [number, number] }
    }
    const bench = found.get(workbench) ?? Number.NaN
    const emptyKb = round(base.kilobytes, 1)
    const results: TargetResult[] = [
      {
        target: 'T12a',
        what: 'first-load JavaScript of the workbench, against an empty App Router app',
        goal: '<= 1.5',
        ...at(bench),
        ok: bench / base.kilobytes <= 1.5,
        figures: { workbenchKb: round(bench, 1), emptyKb },
      },
      {
        target: 'T12b',
        what: `the heaviest route, ${heaviest}`,
        goal: '<= 1.8',
        ...at(most),
        ok: most / base.kilobytes <= 1.8,
        figures: { heaviest, heaviestKb: round(most, 1), emptyKb, routes: found.size },
      },
    ]
    return results
  } finally {
    await browser?.close()
    for (const child of children) await stop(child)
    await workplace.close()
    if (empty) rmSync(empty, { recursive: true, force: true })
  }
}

/** Without the id, which says nothing. */
const nameOf = (route: string) => route.replace(/[0-9a-f-]{36}/, '…')

async function measure(
  browser: Browser,
  url: string,
  cookie: { name: string; value: string; url: string } | null,
): Promise<Transfer> {
  const context = await browser.newContext()
  try {
    if (cookie) await context.addCookies([cookie])
    const page = await context.newPage()
    const bodies = new Map<string, Promise<Buffer>>()
    page.on('response', response => {
      if (response.request().resourceType() === 'script' && response.ok())
        bodies.set(response.url(), response.body())
    })
    const answer = await page.goto(url, { waitUntil: 'networkidle', timeout: 60_000 })
    if (!answer?.ok() || new URL(page.url()).pathname !== new URL(url).pathname)
      throw new Error(`${url} was answered ${answer?.status()} at ${page.url()}`)
    const sizes = (await Promise.all(bodies.values())).map(body => gzipSync(body, { level: 6 }).length)
    if (process.env.BENCH_LOG)
      for (const [at, name] of [...bodies.keys()].entries())
        process.stderr.write(`    ${sizes[at]} ${new URL(name).pathname}\n`)
    return { kilobytes: sizes.reduce((sum, size) => sum + size, 0) / 1000, scripts: sizes.length }
  } finally {
    await context.close()
  }
}

/** The least that Next builds, inside the project so that it finds the same packages. */
function makeEmptyApp(root: string): string {
  const parent = path.join(root, 'dist', 'run')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'empty-app-'))
  mkdirSync(path.join(folder, 'app'))
  const files = {
    'package.json': '{ "name": "empty", "private": true, "type": "module" }\n',
    'next.config.js': `export default { compress: false, turbopack: { root: ${JSON.stringify(root)} }, outputFileTracingRoot: ${JSON.stringify(root)} }\n`,
    'app/layout.jsx':
      'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html> }\n',
    'app/page.jsx': 'export default function Page() { return <p>Empty</p> }\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return folder
}
