import { createHash, randomUUID } from 'node:crypto'
import AxeBuilder from '@axe-core/playwright'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import pg from 'pg'
import { currentConsent } from '@/contract/v1/actor'
import { runningUrl } from '@/db/running-postgres'
import { shiftClock as shift } from '@/db/test-clock'
import type { Role } from '@/domain/permission'
import { parseConfig, setConfig } from '@/platform/config'
import { getSecrets } from '@/platform/home'

export { expect }

const baseUrl = process.env.BASE_URL ?? 'http://localhost:3000'

/** Signs this context in as a person of the demo; the same door as the buttons on the sign-in page. */
export async function signInAs(context: BrowserContext, role: Role): Promise<void> {
  const { csrfToken } = await (await context.request.get(`${baseUrl}/api/auth/csrf`)).json()
  await context.request.post(`${baseUrl}/api/auth/callback/demo`, {
    form: { csrfToken, role },
    headers: { 'X-Auth-Return-Redirect': '1', origin: baseUrl },
  })
  const me = await context.request.get(`${baseUrl}/api/v1/me`)
  expect(me.status(), `signed in as ${role}`).toBe(200)
}

/** Signs in as somebody of this instance who is no person of the demo, by a one-time link as an operator prints it. */
export async function signInAsOwner(context: BrowserContext): Promise<void> {
  const token = randomUUID().replaceAll('-', '').padEnd(43, 'x')
  const hash = createHash('sha256').update(token).digest('hex')
  await withDatabase(pool =>
    pool.query(
      `INSERT INTO sign_in_links (token_hash, purpose, user_id, expires_at)
       SELECT $1, 'sign-in', id, amend.now() + interval '1 hour' FROM users WHERE instance_admin AND NOT demo LIMIT 1`,
      [hash],
    ),
  )
  await signInByLink(context, token)
}

async function signInByLink(context: BrowserContext, token: string): Promise<void> {
  const { csrfToken } = await (await context.request.get(`${baseUrl}/api/auth/csrf`)).json()
  await context.request.post(`${baseUrl}/api/auth/callback/link`, {
    form: { csrfToken, token },
    headers: { 'X-Auth-Return-Redirect': '1', origin: baseUrl },
  })
  expect((await context.request.get(`${baseUrl}/api/v1/me`)).status()).toBe(200)
}

/** Signs in as somebody new in the demo, whom no other test meets. */
export async function signInAsSomebody(context: BrowserContext, role: Role, project = 'demo'): Promise<void> {
  const token = randomUUID().replaceAll('-', '').padEnd(43, 'x')
  await withDatabase(pool =>
    pool.query(
      `WITH u AS (INSERT INTO users (email, name) VALUES ($1, 'Somebody') RETURNING id),
       m AS (INSERT INTO memberships (project_id, user_id, role) SELECT p.id, u.id, $2 FROM projects p, u WHERE p.slug = $4)
       INSERT INTO sign_in_links (token_hash, purpose, user_id, expires_at)
       SELECT $3, 'sign-in', id, amend.now() + interval '1 hour' FROM u`,
      [`${randomUUID()}@example.test`, role, createHash('sha256').update(token).digest('hex'), project],
    ),
  )
  await signInByLink(context, token)
}

/** Agrees to the collection for the signed-in person, so that a test starts past the consent line. */
export async function agree(context: BrowserContext, project = 'demo'): Promise<void> {
  const answer = await context.request.put(`${baseUrl}/api/v1/projects/${project}/consent`, {
    data: { accept: currentConsent, suggestionsOn: true, trainingAllowed: true },
    headers: { origin: baseUrl },
  })
  expect(answer.status()).toBe(200)
}

/** The database of the app under test. */
export async function withDatabase<T>(work: (pool: pg.Pool) => Promise<T>): Promise<T> {
  setConfig(parseConfig(process.env))
  const url = runningUrl(parseConfig(process.env).home, getSecrets().databasePassword)
  if (!url) throw new Error('The app under test does not run in AMEND_HOME')
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

/** Moves the app's clock forward; nothing sleeps. */
export const shiftClock = (interval: string): Promise<void> => withDatabase(pool => shift(pool, interval))

/** No violation of WCAG 2.2 AA that axe can see, in this theme. */
export async function expectAccessible(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  // The title of a page that was gone to streams in behind its content.
  await expect(page).toHaveTitle(/\S/)
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  const found = await Promise.all(
    violations.map(async violation => ({
      ...violation,
      nodes: violation.id === 'target-size' ? await whollyInView(page, violation.nodes) : violation.nodes,
    })),
  )
  expect(
    found
      .filter(v => v.nodes.length > 0)
      .map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`),
    `${page.url()} in the ${theme} theme`,
  ).toEqual([])
}

/** Without what lies half under something that stays while the page scrolls: scrolling on brings it out in its whole size. */
async function whollyInView<Node extends { target: unknown[] }>(page: Page, nodes: Node[]): Promise<Node[]> {
  const covered = await page.evaluate(
    targets => {
      const lane = document.querySelector('footer [aria-label="Keys on this page"]')?.closest('footer')
      const foot = lane?.getBoundingClientRect().top ?? Number.POSITIVE_INFINITY
      return targets.map(target => {
        const element = document.querySelector(target)
        if (!element || lane?.contains(element) || element.closest('thead')) return false
        const { top, bottom, left, width } = element.getBoundingClientRect()
        let over = document.elementFromPoint(left + width / 2, bottom - 2)
        if (over && !element.contains(over) && !over.contains(element))
          for (; over; over = over.parentElement)
            if (['sticky', 'fixed'].includes(getComputedStyle(over).position)) return true
        const head = element.closest('table')?.querySelector('th')?.getBoundingClientRect().bottom ?? 0
        return bottom > foot || top < head
      })
    },
    nodes.map(node => node.target.join(' ')),
  )
  return nodes.filter((_, at) => !covered[at])
}

/** Nothing wider than the window. */
export async function expectNoSideways(page: Page): Promise<void> {
  const { overflow, beyond } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const beyond = [...document.querySelectorAll('body *')].flatMap(element => {
      const { left, right } = element.getBoundingClientRect()
      const words = `${element.tagName} ${element.getAttribute('class')} ${Math.round(left)}–${Math.round(right)}`
      return right > width + 0.5 ? `${words}: ${element.textContent?.slice(0, 30)}` : []
    })
    return { overflow: document.documentElement.scrollWidth - width, beyond: beyond.slice(0, 12) }
  })
  expect(
    overflow,
    `${page.url()} scrolls sideways; beyond the edge: ${beyond.join(' | ')}`,
  ).toBeLessThanOrEqual(0)
}

/**
 * Waits until React has taken over everything on screen: what streamed in is in its place, and every visible button,
 * field and heading belongs to a component. A key pressed earlier would meet a page that cannot hear it yet.
 */
async function settled(page: Page): Promise<void> {
  try {
    await listening(page)
  } catch (error) {
    // The page has gone on to another by itself, as from an address to the one that it stands for.
    if (!/context was destroyed/.test(String(error))) throw error
    await page.waitForLoadState()
    await listening(page)
  }
}

async function listening(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const reactOwns = (element: Element) => Object.keys(element).some(key => key.startsWith('__reactProps'))
    const streaming = document.querySelector('div[hidden][id^="S:"], template[id^="B:"], template[id^="P:"]')
    return !streaming && [...document.querySelectorAll('h1, main button, main input')].every(reactOwns)
  })
  // Listeners are added in effects, which run after the paint that follows.
  await page.evaluate(
    () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  )
}

/** A page that is ready for keys when `goto` or `reload` returns. */
function awaitSettled(page: Page): void {
  const goto = page.goto.bind(page)
  const reload = page.reload.bind(page)
  page.goto = async (...given) => {
    const answer = await goto(...given)
    await settled(page)
    return answer
  }
  page.reload = async (...given) => {
    const answer = await reload(...given)
    await settled(page)
    return answer
  }
}

/** A page that fails the test when the browser logs an error or a script throws. */
export const test = base.extend<{ quiet: undefined }>({
  page: async ({ page }, use) => {
    awaitSettled(page)
    await use(page)
  },
  quiet: [
    async ({ page }, use) => {
      const errors: string[] = []
      page.on('pageerror', error => errors.push(error.message))
      page.on('console', message => {
        if (message.type() === 'error' && !/Failed to load resource|net::ERR/.test(message.text()))
          errors.push(message.text())
      })
      await use(undefined)
      expect(errors, 'errors in the browser').toEqual([])
    },
    { auto: true },
  ],
})
