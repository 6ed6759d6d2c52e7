// `npm run screenshots`: takes the pictures of docs/ from a running app with the demo (BASE_URL, else localhost:3000).
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import { currentConsent } from '@/contract/v1/actor'
import type { Role } from '@/domain/permission'
import { findBrowser } from '@/platform/browser'

const base = process.env.BASE_URL ?? 'http://localhost:3000'
const folder = path.join(process.cwd(), 'docs/screenshots')

interface Shot {
  name: string
  as: Role
  path: string
  /** `demo` unless told. */
  project?: string
  theme?: 'light' | 'dark'
  width?: number
  /** What a person does before the picture is taken. */
  first?: (page: Page) => Promise<void>
}

const choose = async (page: Page, thread = 'Nico today', more = ' I will bring his bag too.') => {
  await page.getByText(thread).first().click()
  await page.getByRole('heading', { name: 'Suggested replies' }).waitFor()
  await page.keyboard.press('e')
  await page.keyboard.press('End')
  await page.keyboard.type(more)
}

/** A page of one queue: its id is known to the list alone. */
const openOf = async (page: Page, queue: string, tab: string) => {
  const { href } = new URL(
    (await page.getByRole('link', { name: queue, exact: true }).getAttribute('href')) ?? '',
    base,
  )
  await page.goto(`${href}/manage`)
  await page.getByRole('navigation', { name: 'This queue' }).getByRole('link', { name: tab }).click()
  await page.getByRole('heading', { level: 2 }).first().waitFor()
}

const shots: Shot[] = [
  { name: 'inbox-light', as: 'contributor', path: 'inbox', first: page => choose(page) },
  { name: 'inbox-dark', as: 'contributor', path: 'inbox', theme: 'dark', first: page => choose(page) },
  { name: 'inbox-narrow', as: 'contributor', path: 'inbox', width: 390 },
  {
    name: 'my-history-light',
    as: 'contributor',
    path: 'inbox',
    first: async page => {
      await choose(page, 'Quick call about the budget', ' Shall I call you?')
      await page.keyboard.press('Control+Enter')
      await page
        .getByText(/goes out in/)
        .first()
        .waitFor()
      await page.goto(`${base}/p/demo/my-history`)
    },
  },
  {
    name: 'feedback-light',
    as: 'curator',
    path: 'feedback?simulated=include',
    first: async page => {
      await page.getByRole('heading', { name: 'Feedback', level: 1 }).click()
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await page.getByRole('complementary').filter({ hasText: 'What happened' }).waitFor()
    },
  },
  { name: 'monitors-light', as: 'curator', path: 'monitors' },
  { name: 'monitors-dark', as: 'curator', path: 'monitors', theme: 'dark' },
  {
    name: 'explorer-dark',
    as: 'curator',
    path: 'feedback?simulated=include',
    theme: 'dark',
    first: async page => {
      const boxes = page.getByRole('checkbox', { name: /^Select (?!all)/ })
      await boxes.nth(1).click()
      await page.getByRole('region', { name: 'Selected rows' }).waitFor()
      await boxes.nth(3).click({ modifiers: ['Shift'] })
      await page.getByRole('button', { name: 'Keep out of datasets' }).click()
      await page.getByText('will change.').waitFor()
    },
  },
  {
    name: 'album-light',
    as: 'contributor',
    project: 'album',
    path: 'album',
    first: page => page.getByText('A photo of', { exact: false }).first().waitFor(),
  },
  {
    name: 'demand-light',
    as: 'contributor',
    project: 'demand',
    path: 'demand',
    first: page => page.getByText('Forecast by the model').nth(20).waitFor(),
  },
  {
    name: 'workbench-light',
    as: 'annotator',
    path: 'queues',
    first: async page => {
      await page.getByRole('link', { name: 'Review Low confidence' }).click()
      await page.getByRole('button', { name: 'Save and next' }).waitFor()
      await page.keyboard.press('x')
      await page.keyboard.press('1')
      await page.keyboard.press('j')
    },
  },
  {
    name: 'adjudicate-light',
    as: 'curator',
    path: 'adjudicate',
    first: async page => {
      await page.getByRole('button', { name: 'Settle and next' }).waitFor()
      await page.keyboard.press('1')
    },
  },
  {
    name: 'agreement-light',
    as: 'curator',
    path: 'queues',
    first: page => openOf(page, 'Three opinions', 'Agreement'),
  },
  {
    name: 'people-light',
    as: 'curator',
    path: 'queues',
    first: page => openOf(page, 'Half of them blind', 'People and bias'),
  },
  { name: 'guideline-light', as: 'annotator', path: 'specification' },
  { name: 'dataset-light', as: 'curator', path: 'datasets/replies-people-kept' },
  { name: 'models-dark', as: 'curator', path: 'models', theme: 'dark' },
  { name: 'settings-light', as: 'owner', path: 'settings' },
]

async function take(browser: Browser, shot: Shot): Promise<void> {
  const narrow = (shot.width ?? 1280) < 720
  const context = await browser.newContext({
    viewport: { width: shot.width ?? 1280, height: narrow ? 844 : 800 },
    colorScheme: shot.theme ?? 'light',
    reducedMotion: 'reduce',
    deviceScaleFactor: narrow ? 2 : 1,
    timezoneId: 'UTC',
    locale: 'en-GB',
  })
  const { csrfToken } = await (await context.request.get(`${base}/api/auth/csrf`)).json()
  await context.request.post(`${base}/api/auth/callback/demo`, {
    form: { csrfToken, role: shot.as },
    headers: { 'X-Auth-Return-Redirect': '1', origin: base },
  })
  const project = shot.project ?? 'demo'
  await context.request.put(`${base}/api/v1/projects/${project}/consent`, {
    data: { accept: currentConsent },
    headers: { origin: base },
  })
  const page = await context.newPage()
  await page.goto(`${base}/p/${project}/${shot.path}`)
  await page.getByRole('main').waitFor()
  await shot.first?.(page)
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: path.join(folder, `${shot.name}.png`) })
  process.stderr.write(`  ${shot.name}.png\n`)
  await context.close()
}

mkdirSync(folder, { recursive: true })
const isRoot = process.getuid?.() === 0
const executablePath = findBrowser()
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: [
    ...(isRoot ? ['--no-sandbox'] : []),
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
  ],
})
try {
  for (const shot of shots) await take(browser, shot)
} finally {
  await browser.close()
}
