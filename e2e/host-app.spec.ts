import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { BrowserContext, Page } from '@playwright/test'
import type { FeedbackPage } from '@/contract/v1/feedback'
import type { MadeKey } from '@/contract/v1/people'
import { expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const amendUrl = process.env.BASE_URL ?? 'http://localhost:3000'
const api = `${amendUrl}/api/v1/projects/demo`
const hosts: ChildProcess[] = []
test.afterEach(() => {
  for (const host of hosts.splice(0)) host.kill('SIGTERM')
})

/** Starts examples/host-server.mjs, a product on an origin of its own. Returns that origin. */
async function startHost(key: Pick<MadeKey, 'key' | 'signingSecret'>, env: object = {}): Promise<string> {
  const host = spawn(process.execPath, ['examples/host-server.mjs'], {
    env: {
      ...process.env,
      AMEND_URL: amendUrl,
      AMEND_PROJECT: 'demo',
      AMEND_KEY: key.key,
      AMEND_SIGNING_SECRET: key.signingSecret ?? '',
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  hosts.push(host)
  return new Promise((resolve, reject) => {
    host.once('exit', code => reject(new Error(`the host ended with ${code}`)))
    host.stdout?.on('data', data => {
      const origin = /at (http:\S+)/.exec(String(data))?.[1]
      if (origin) resolve(origin)
    })
  })
}

/** A free port is only known once something listens, so the host starts twice: to learn its origin, then with the key. */
async function hostWithKey(owner: BrowserContext, env: object = {}) {
  const port = new URL(await startHost({ key: 'amend_p_none', signingSecret: 'none' })).port
  const first = hosts.pop()
  const gone = new Promise(resolve => first?.once('exit', resolve))
  first?.kill('SIGTERM')
  await gone
  const made = await owner.request.post(`${api}/keys`, {
    data: { name: 'Example host', scope: 'publish', origins: [`http://127.0.0.1:${port}`] },
    headers: { origin: amendUrl },
  })
  expect(made.status()).toBe(201)
  const key = (await made.json()) as MadeKey
  return { key, origin: await startHost(key, { PORT: port, ...env }) }
}

const said = (page: Page) => page.getByRole('status')

test('the example is under 40 lines', async () => {
  const text = await readFile('examples/host.html', 'utf8')
  expect(text.trimEnd().split('\n').length).toBeLessThan(40)
})

test('a page of another origin asks consent, suggests, chooses, corrects and undoes; the project sees a pseudonym', async ({
  page,
  context,
  browser,
}) => {
  await signInAs(context, 'owner')
  const { origin } = await hostWithKey(context)
  const visitor = await browser.newContext()
  const shop = await visitor.newPage()
  const asked: string[] = []
  shop.on('request', request => {
    if (request.url().startsWith(api)) asked.push(`${request.method()} ${request.url().slice(api.length)}`)
  })
  await shop.goto(origin)

  // Nothing is asked of a model before the person has read what is kept.
  await expect(shop.getByRole('listitem')).toHaveCount(5)
  await expect(shop.getByRole('listitem').last()).toContainText('Download or erase all of it')
  expect(asked.filter(one => one.startsWith('POST'))).toEqual([])
  await shop.getByRole('button', { name: 'Continue' }).click()
  await expect(shop.getByRole('button', { name: 'Continue' })).toHaveCount(0)

  const choices = shop.locator('#choices').getByRole('button')
  await expect(choices.first()).toBeVisible()
  const suggestion = (await choices.first().textContent()) ?? ''
  await choices.first().click()
  const reply = shop.getByRole('textbox', { name: 'Your reply' })
  await expect(reply).toHaveValue(suggestion)
  const mine = `${suggestion} But at noon, from ${new URL(origin).port}.`
  await reply.fill(mine)
  await shop.getByRole('button', { name: 'Send' }).click()
  await expect(said(shop)).toHaveText('corrected')

  const { rows } = (await (await context.request.get(`${api}/feedback?limit=5`)).json()) as FeedbackPage
  const row = rows.find(one => one.final === mine)
  expect(row).toMatchObject({ state: 'corrected', suggestion, sample: false })
  expect(row?.pseudonym).toMatch(/^p-[0-9a-f]{10}$/)
  await page.goto('/p/demo/feedback')
  await expect(page.getByRole('row').filter({ hasText: mine }).first()).toContainText(row?.pseudonym ?? '-')

  await shop.getByRole('button', { name: 'Undo' }).click()
  await expect(said(shop)).toHaveText('undone: open')
  const after = (await (await context.request.get(`${api}/feedback?limit=5`)).json()) as FeedbackPage
  expect(after.rows.find(one => one.exposureId === row?.exposureId)).toMatchObject({
    state: 'open',
    everUndone: true,
  })

  // The same person is not asked twice; another browser is another person.
  await shop.reload()
  await expect(choices.first()).toBeVisible()
  await expect(shop.getByRole('button', { name: 'Continue' })).toBeHidden()
  const other = await (await browser.newContext()).newPage()
  await other.goto(origin)
  await expect(other.getByRole('button', { name: 'Continue' })).toBeVisible()
  await other.context().close()
  await visitor.close()
})

test('the same key in a page of another origin does nothing, and the owner sees why', async ({
  page,
  context,
  browser,
}) => {
  await signInAs(context, 'owner')
  const { key } = await hostWithKey(context)
  const thief = await startHost(key)
  await page.goto('/p/demo/settings/inspector')
  const visitor = await browser.newContext()
  const copy = await visitor.newPage()
  await copy.goto(thief)
  await expect(said(copy)).toContainText('can’t be reached', { timeout: 20_000 })
  await expect(copy.getByRole('listitem')).toHaveCount(0)
  const refused = page.getByRole('listitem').filter({ hasText: thief })
  await expect(refused.first()).toContainText('Refused')
  await expect(refused.first()).toContainText('foreign_origin')
  await expect(refused.first()).toContainText('Make a publishable key for the origin')
  await visitor.close()
})

test('a token that has expired is refused in words, in the page and in the inspector', async ({
  page,
  context,
  browser,
}) => {
  await signInAs(context, 'owner')
  const { origin } = await hostWithKey(context, { TOKEN_LIFE: '-5 min' })
  await page.goto('/p/demo/settings/inspector')
  const visitor = await browser.newContext()
  const shop = await visitor.newPage()
  await shop.goto(origin)
  await expect(said(shop)).toContainText('The token in Amend-Actor has expired')
  const refused = page.getByRole('listitem').filter({ hasText: origin })
  await expect(refused.first()).toContainText('actor_expired')
  await expect(refused.first()).toContainText('Key “Example host”')
  await visitor.close()
})

test('the SDK is one file that any page may load, with its hash', async ({ request }) => {
  const answer = await request.get('/sdk/v1/amend.js')
  const body = await answer.body()
  expect(answer.headers()).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
  })
  expect(body.length).toBeLessThan(30_000)
  const { etag = '' } = answer.headers()
  expect((await request.get('/sdk/v1/amend.js', { headers: { 'if-none-match': etag } })).status()).toBe(304)
  expect(etag).toContain(createHash('sha384').update(body).digest('base64').slice(0, 10))
})

test('settings: a publishable key is made in the page, its secret shown once, its snippet ready to paste', async ({
  page,
  context,
}) => {
  await signInAs(context, 'owner')
  await page.goto('/p/demo/settings')
  const section = page.getByRole('region', { name: 'In pages of your own product' })
  await section.getByLabel('Name').fill('Shop')
  await section.getByLabel('Pages that may use it').fill('https://shop.example/checkout')
  await section.getByRole('button', { name: 'Make a publishable key' }).click()
  await expect(section.getByText('without a path')).toBeVisible()
  await section.getByLabel('Pages that may use it').fill('https://shop.example\nhttp://localhost:5173')
  await section.getByRole('button', { name: 'Make a publishable key' }).click()
  await expect(section.getByLabel('Signing secret')).toHaveValue(/^amend_sign_/)
  const key = await section.getByLabel('Publishable key', { exact: true }).inputValue()
  const snippet = section.getByRole('region', { name: 'In your page' })
  await expect(snippet).toContainText(`key: '${key}'`)
  await expect(snippet).toContainText(`${amendUrl}/sdk/v1/amend.js`)
  await expect(section.getByLabel('Integrity of the SDK')).toHaveValue(/^sha384-/)
  const sdk = await (await context.request.get('/sdk/v1/amend.js')).body()
  const hash = createHash('sha384').update(sdk).digest('base64')
  await expect(section.getByLabel('Integrity of the SDK')).toHaveValue(`sha384-${hash}`)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
  await page.reload()
  await expect(page.getByLabel('Signing secret')).toHaveCount(0)
  await expect(page.getByRole('row').filter({ hasText: 'https://shop.example' }).first()).toContainText(
    'publish',
  )
})

test('the inspector: live, narrowed, paused, and by keys', async ({ page, context, request }) => {
  await signInAs(context, 'owner')
  const { key, origin } = await hostWithKey(context)
  await page.goto('/p/demo/settings/inspector')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const knock = (actor: string) =>
    request.get(`${api}/consent`, {
      headers: { authorization: `Bearer ${key.key}`, origin, 'amend-actor': actor },
    })
  const list = page.getByRole('list', { name: 'Requests, newest first' })
  const mine = list.getByRole('listitem').filter({ hasText: origin })
  await knock('nonsense')
  await expect(mine).toHaveCount(1)
  await expect(mine).toContainText('This is no token.')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)

  // Somebody reads: what is new waits until it is let in.
  await page.keyboard.press('j')
  await expect(list.getByRole('listitem').first()).toBeFocused()
  await knock('nonsense')
  await page.getByRole('button', { name: /^Show \d+ new/ }).click()
  await expect(mine).toHaveCount(2)

  await page.keyboard.press('r')
  await expect(page.getByRole('switch', { name: 'Refused only' })).toBeChecked()
  await page.getByLabel('Key', { exact: true }).selectOption(key.id)
  await expect(list.getByRole('listitem')).toHaveCount(2)
  await page.getByLabel('Key', { exact: true }).selectOption('')
  await page.getByLabel('Origin', { exact: true }).selectOption(origin)
  await expect(list.getByRole('listitem')).toHaveCount(2)

  await page.keyboard.press('p')
  await expect(page.getByText('Paused. Nothing new is shown.')).toBeVisible()
  await knock('nonsense')
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(list.getByRole('listitem')).toHaveCount(3)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
})
