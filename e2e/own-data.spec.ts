import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { v7 as uuidv7 } from 'uuid'
import yazl from 'yazl'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, signInAsOwner, test } from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'

const questions = [
  'Can you send me the report today?',
  'Are you free for lunch on Thursday?',
  'Does Wednesday at ten work for you?',
  'Thanks for your help yesterday!',
  'Could you call me back this afternoon?',
]
const messages = Array.from({ length: 20 }, (_, at) => ({
  id: `m${at + 1}`,
  text: questions[at % questions.length] ?? '',
}))
/** Twenty messages and one line with a cell too many. */
const csv = [
  'id,from,subject,text',
  ...messages.map(({ id, text }, at) =>
    at === 11 ? `${id},Ana,"Topic ${at + 1}",${text},too much` : `${id},Ana,"Topic ${at + 1}","${text}"`,
  ),
].join('\r\n')

async function makeProject(page: Page, start: string, task?: string): Promise<string> {
  const name = `Own data ${randomUUID().slice(0, 8)}`
  await page.goto('/')
  await page.goto('/new')
  await page.getByLabel('Name').fill(name)
  const slug = name.toLowerCase().replaceAll(' ', '-')
  await expect(page.getByLabel('Address')).toHaveValue(slug)
  if (task) await page.getByRole('radio', { name: task }).check()
  await page.getByRole('radio', { name: start }).check()
  await page.getByRole('button', { name: 'Make the project' }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  return slug
}

async function correct(page: Page, at: number): Promise<string> {
  await page.getByRole('navigation', { name: 'Threads' }).getByRole('link').nth(at).click()
  const field = page.getByLabel('Your reply')
  const kept = `My own words, number ${at}.`
  await field.fill(kept)
  await page.getByRole('button', { name: /^Copy/ }).click()
  await expect(page.getByRole('article', { name: 'Your reply' })).toContainText(kept)
  return kept
}

test('own data: from the first page over a CSV file to the downloaded corrections', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await page.goto('/')
  await page.getByRole('link', { name: 'Make a project with them' }).click()
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fnew/)
  await signInAsOwner(context)
  const slug = await makeProject(page, 'I only have data')

  await page.getByLabel('Drop a CSV, JSON Lines').setInputFiles({
    name: 'messages.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(csv),
  })
  await expect(page.getByLabel('Message', { exact: true })).toHaveValue('text')
  await expect(page.getByLabel('Author')).toHaveValue('from')
  await expect(page.getByText('Of the first 20 rows 1 would be refused')).toBeVisible()
  await page.getByLabel('Author').selectOption('')
  await page.getByLabel('Group').selectOption('subject')
  await expect(page.getByRole('cell', { name: 'Topic 1', exact: true })).toBeVisible()
  await expect(page.getByLabel('Author')).toHaveValue('')
  await page.getByLabel('Author').selectOption('from')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('19 of 20 rows, 1 refused: line 13.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Refused rows' })).toContainText('Line 13')
  const [report] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download the report (1)' }).click(),
  ])
  expect(Buffer.concat(await (await report.createReadStream()).toArray()).toString()).toMatch(
    /^line,field,reason\r\n13,,"The row has 5 cells/,
  )
  // A reload comes back to the same import.
  await page.reload()
  await expect(page.getByText('19 of 20 rows, 1 refused: line 13.')).toBeVisible()

  await page.getByRole('link', { name: 'Open the first item' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Topic 1' })).toBeVisible()
  await page.getByRole('button', { name: 'Continue' }).click()
  const kept = []
  for (const at of [0, 1, 2]) kept.push(await correct(page, at))

  await expect(async () => {
    const feedback = await (await context.request.get(`/api/v1/projects/${slug}/feedback`)).json()
    const settled = feedback.rows.filter((row: { final: string | null }) => row.final !== null)
    expect(settled).toHaveLength(3)
  }).toPass()
  await page.goto(`/p/${slug}/feedback`)
  await page.getByRole('button', { name: 'Download' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'JSON Lines' }).click(),
  ])
  const lines = Buffer.concat(await (await file.createReadStream()).toArray())
    .toString()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(new Set(lines.map(line => line.after.text))).toEqual(new Set(kept))
  expect(new Set(lines.map(line => line.external_id))).toEqual(new Set(['m1', 'm2', 'm3']))
  expect(lines.every(line => line.sample === false && line.simulated === false)).toBe(true)

  // What people acted on is not taken from under them.
  await page.goto(`/p/${slug}/import`)
  await page.getByRole('link', { name: 'messages.csv' }).click()
  await page.getByRole('button', { name: 'Undo the import' }).click()
  await page.getByRole('button', { name: 'Erase them' }).click()
  await expect(page.getByRole('alert').filter({ hasText: '3 items have feedback by now' })).toBeVisible()
})

test('an import that nobody acted on is undone in the page', async ({ page, context }) => {
  await signInAsOwner(context)
  const slug = await makeProject(page, 'I only have data')
  const jsonl = messages
    .slice(0, 3)
    .map(message => JSON.stringify(message))
    .join('\n')
  await page.getByLabel('Drop a CSV, JSON Lines').setInputFiles({
    name: 'messages.jsonl',
    mimeType: 'application/x-ndjson',
    buffer: Buffer.from(jsonl),
  })
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('3 of 3 rows.')).toBeVisible()
  await page.getByRole('button', { name: 'Undo the import' }).click()
  await page.getByRole('button', { name: 'Erase them' }).click()
  await expect(page.getByText('Undone. 3 items were erased.').first()).toBeVisible()
  await page.goto(`/p/${slug}/history`)
  await expect(page.getByText('Took back the import of messages.jsonl')).toBeVisible()
})

test('own photos: a zip becomes an album, and what is no picture is named', async ({ page, context }) => {
  await signInAsOwner(context)
  await makeProject(page, 'I only have data', 'Photo captions')
  const zip = new yazl.ZipFile()
  for (const name of ['coffee.jpg', 'two-dogs.jpg'])
    zip.addBuffer(readFileSync(path.join('db/seed/photos', name)), `holiday/${name}`)
  zip.addBuffer(Buffer.from('a list of what to bring'), 'holiday/list.txt')
  zip.end()
  await page.getByLabel('Drop a zip of pictures').setInputFiles({
    name: 'holiday.zip',
    mimeType: 'application/zip',
    buffer: await buffer(zip.outputStream),
  })
  await expect(page.getByRole('cell', { name: 'two-dogs.jpg' })).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByText('2 of 3 pictures, 1 refused: number 3.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Refused files' })).toContainText('list.txt')
  await page.getByRole('link', { name: 'Open the first item' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByRole('img', { name: 'coffee.jpg' })).toBeVisible()
  await expect(page.getByRole('img', { name: 'two-dogs.jpg' })).toBeVisible()
})

test('an app: the printed request works as it stands, and the page says when it arrived', async ({
  page,
  context,
  request,
}) => {
  await signInAsOwner(context)
  const slug = await makeProject(page, 'I have an app')
  await page.getByRole('button', { name: 'Make a key' }).click()
  await expect(page.getByText('Waiting for the first one to arrive.')).toBeVisible()
  const key = await page.getByLabel('The key', { exact: true }).inputValue()
  const curl =
    (await page
      .getByRole('region', { name: /With curl/ })
      .locator('pre')
      .textContent()) ?? ''
  const body = JSON.parse(/-d '(.+)'/s.exec(curl)?.[1] ?? '')
  const answer = await request.post(`/api/v1/projects/${slug}/suggest`, {
    data: body,
    headers: { authorization: `Bearer ${key}` },
  })
  expect(answer.status()).toBe(200)
  await expect(page.getByText('The first one arrived')).toBeVisible()
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
})

test('a model: registered, live, and its pushed prediction is what is suggested', async ({
  page,
  context,
  request,
}) => {
  await signInAsOwner(context)
  const slug = await makeProject(page, 'I have a model')
  await page.getByLabel('Model', { exact: true }).fill('Nearest reply')
  await page.getByLabel('What it does').fill('Answers with the nearest known reply.')
  await page.getByRole('button', { name: 'Register the model' }).click()
  const key = await page.getByLabel('The key', { exact: true }).inputValue()
  const headers = { authorization: `Bearer ${key}` }
  for (const [region, path] of [
    ['An item', 'items'],
    ['Its prediction', 'predictions'],
  ] as const) {
    const code = (await page.getByRole('region', { name: region }).locator('pre').textContent()) ?? ''
    const data = JSON.parse(/-d '(.+)'/s.exec(code)?.[1] ?? '')
    expect((await request.post(`/api/v1/projects/${slug}/${path}`, { data, headers })).ok(), region).toBe(
      true,
    )
  }
  const item = await request.post(`/api/v1/projects/${slug}/suggest`, {
    data: {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      item: { externalId: 'item-1', payload: { subject: '', messages: [] } },
    },
    headers,
  })
  expect((await item.json()).candidates[0].value).toEqual({ text: 'Ten is fine.' })
})

/** Runs a printed program as it stands, beside a picture called photo.jpg. */
async function runPrinted(page: Page, region: string | RegExp): Promise<void> {
  const code = (await page.getByRole('region', { name: region }).locator('pre').textContent()) ?? ''
  // Inside the project, where its packages are found.
  const folder = mkdtempSync(path.join('dist', 'printed-'))
  try {
    copyFileSync('db/seed/photos/two-dogs.jpg', path.join(folder, 'photo.jpg'))
    writeFileSync(path.join(folder, 'printed.mjs'), code)
    await promisify(execFile)(process.execPath, ['printed.mjs'], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('an app and a model for photos: the printed programs run as they stand', async ({ page, context }) => {
  await signInAsOwner(context)
  const slug = await makeProject(page, 'I have an app', 'Photo captions')
  await page.getByRole('button', { name: 'Make a key' }).click()
  await runPrinted(page, /With fetch/)
  await expect(page.getByText('The first one arrived: photo.jpg')).toBeVisible()

  await page.getByRole('link', { name: 'I have a model' }).click()
  await page.getByLabel('Model', { exact: true }).fill('My captioner')
  await page.getByLabel('What it does').fill('Says what stands in front.')
  await page.getByRole('button', { name: 'Register the model' }).click()
  // The program has the key in it once there is one.
  await expect(page.getByLabel('The key', { exact: true })).toBeVisible()
  await runPrinted(page, 'A picture and its prediction, on your server')
  await page.goto(`/p/${slug}/album`)
  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(page.getByText('Two dogs on a lawn.')).toBeVisible()
})

test('the page is for people of their own, by keyboard and on a phone', async ({ page, context }) => {
  await page.goto('/new')
  await expect(page).toHaveURL(/\/sign-in/)
  await signInAs(context, 'owner')
  await page.goto('/new')
  await expect(page.getByText('Not from this account.')).toBeVisible()
  await signInAsOwner(context)
  await page.goto('/new')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
  await page.getByLabel('Name').focus()
  const name = `Keys ${randomUUID().slice(0, 8)}`
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  await expectNoSideways(page)
  for (const start of ['I have an app', 'I have a model', 'I only have data']) {
    await page.getByRole('link', { name: start }).click()
    await expect(page.getByRole('link', { name: start })).toHaveAttribute('aria-current', 'page')
    await expectAccessible(page, 'light')
    await expectNoSideways(page)
  }
  await agree(context, name.toLowerCase().replaceAll(' ', '-'))
})
