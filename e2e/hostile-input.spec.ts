import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { APIResponse, BrowserContext, Page } from '@playwright/test'
import { v7 as uuidv7 } from 'uuid'
import { hostileTexts } from '@/test/hostile-texts'
import { agree, expect, signInAsOwner, test } from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const texts = hostileTexts.map(({ text }) => text)
/** What a reader would see of a text that is trimmed and whose white space runs together in markup. */
const seen = (text: string) => text.trim().replace(/\s+/gu, ' ')

/** Watches a page for anything that ran: a dialog, the mark that the texts set, or a script that the policy stopped. */
async function watch(page: Page): Promise<() => Promise<void>> {
  const happened: string[] = []
  page.on('dialog', dialog => {
    happened.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.exposeFunction(
    'tellViolation',
    (what: string) => void happened.push(`against the policy: ${what}`),
  )
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', event =>
      (window as unknown as { tellViolation(what: string): void }).tellViolation(
        `${event.violatedDirective} ${event.blockedURI} on ${location.pathname}`,
      ),
    )
  })
  return async () => {
    for (const frame of page.frames())
      if (await frame.evaluate(() => 'hurt' in window)) happened.push(`a script ran on ${frame.url()}`)
    expect(page.frames(), 'no frame came in').toHaveLength(1)
    expect(await page.locator('base, object, embed, meta[http-equiv=refresh]').count()).toBe(0)
    expect(happened).toEqual([])
  }
}

async function send(context: BrowserContext, method: 'post' | 'put' | 'patch', path: string, data: unknown) {
  const answer: APIResponse = await context.request[method](`${origin}/api/v1${path}`, {
    data,
    headers: { origin },
  })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return answer.json()
}

const csvCell = (text: string) => `"${text.replaceAll('"', '""')}"`

/** A project in which every text that anyone may set is hostile. */
async function hostileProject(context: BrowserContext) {
  const name = `<img src=x onerror=hurt=1> ${randomUUID().slice(0, 8)}`
  const { slug } = await send(context, 'post', '/projects', {
    name,
    slug: `hostile-${randomUUID().slice(0, 8)}`,
    taskType: 'smart-reply',
  })
  const at = `/projects/${slug}`
  await agree(context, slug)

  // Cells of a file, and its name.
  const rows = texts.map((text, i) => [`m${i}`, text, text, text].map(csvCell).join(','))
  const file = await context.request.post(
    `${origin}/api/v1${at}/imports?fileName=${encodeURIComponent('"><svg onload=hurt=1>.csv')}`,
    { data: Buffer.from(['id,from,subject,text', ...rows].join('\n')), headers: { origin } },
  )
  const upload = await file.json()
  await send(context, 'post', `${at}/imports/${upload.id}/start`, {
    mapping: {
      as: 'columns',
      columns: { message: 'text', author: 'from', subject: 'subject', externalId: 'id' },
    },
  })
  await expect
    .poll(
      async () =>
        (await (await context.request.get(`${origin}/api/v1${at}/imports/${upload.id}`)).json()).state,
    )
    .toBe('done')

  // A model's name, its card, and what it says.
  const model = await send(context, 'post', `${at}/models`, { name: texts[4], kind: 'push' })
  const version = await send(context, 'post', `${at}/models/${model.id}/versions`, {
    version: '"><img src=x onerror=hurt=1>',
    codeReference: 'javascript:hurt=1',
    card: {
      summary: texts.join('\n').slice(0, 900),
      goodAt: texts.slice(0, 40),
      failsAt: texts.slice(0, 40),
      trainingData: [{ what: texts[0], rows: 1, licence: 'javascript:hurt=1' }],
      notes: texts.slice(0, 40),
    },
  })
  await send(context, 'post', `${at}/model-versions/${version.id}/stage`, { stage: 'live' })
  await send(context, 'post', `${at}/predictions`, {
    modelVersionId: version.id,
    predictions: texts.map((_, i) => ({
      externalId: `m${i}`,
      candidates: [
        { value: { text: texts[i] }, confidence: 0.95 },
        { value: { text: texts[(i + 1) % texts.length] }, confidence: 0.9 },
      ],
    })),
  })

  // What a person decided on each, in hostile words of their own.
  const sessionId = randomUUID()
  const { items } = await (await context.request.get(`${origin}/api/v1${at}/inbox?limit=200`)).json()
  expect(items).toHaveLength(texts.length)
  let clientSeq = 0
  for (const [i, item] of items.entries()) {
    const exposureId = uuidv7()
    const shown = await send(context, 'post', `${at}/suggest`, { exposureId, sessionId, itemId: item.id })
    const event = { exposureId, sessionId }
    const candidateId = shown.candidates[0]?.id
    const text = texts[(i + 2) % texts.length] ?? ''
    await send(context, 'post', `${at}/feedback`, {
      events: [
        { ...event, id: uuidv7(), clientSeq: clientSeq++, type: 'shown' },
        {
          ...event,
          id: uuidv7(),
          clientSeq: clientSeq++,
          ...(candidateId && i % 2 === 0 ? { type: 'corrected', candidateId } : { type: 'written' }),
          after: { text },
        },
      ],
    })
  }

  // What is shared of it, in a curator's words.
  const { candidates } = await (
    await context.request.get(`${origin}/api/v1${at}/share-candidates?limit=20`)
  ).json()
  expect(candidates.length).toBeGreaterThan(3)
  for (const [i, { exposureId }] of candidates.slice(0, 8).entries())
    await send(context, 'post', `${at}/shared-examples`, { exposureId, input: texts[i], text: texts[i + 9] })

  // A queue, its instructions, an answer in it, and a dataset.
  const queue = await send(context, 'post', `${at}/queues`, {
    name: '<img src=x onerror=hurt=1> to review',
    instructions: texts.join('\n').slice(0, 3900),
    rule: { strategy: 'random', rate: 1 },
  })
  const { held } = await send(context, 'post', `${at}/queues/${queue.id}/claim`, { sessionId, count: 2 })
  await send(context, 'post', `${at}/queues/${queue.id}/events`, {
    events: [
      {
        id: uuidv7(),
        assignmentId: held[0].assignmentId,
        token: held[0].token,
        type: 'submitted',
        texts: texts.slice(0, 3).map(text => ({ text })),
        comment: '"><svg onload=hurt=1>',
      },
      {
        id: uuidv7(),
        assignmentId: held[1].assignmentId,
        token: held[1].token,
        type: 'asked',
        comment: texts.join('\n').slice(0, 3900),
      },
    ],
  })
  // What a curator searches by, replies, and writes when an item is sent back.
  const lines = texts.join('\n').slice(0, 3900)
  const held1 = (
    await (await context.request.get(`${origin}/api/v1${at}/queues/${queue.id}/items?list=parked`)).json()
  ).items[0]
  await send(context, 'post', `${at}/queues/${queue.id}/acts`, {
    acts: [
      {
        id: uuidv7(),
        type: 'answered',
        entryId: held1.entryId,
        targetEventId: held1.questions[0].eventId,
        note: lines,
      },
    ],
  })
  const searched = await send(context, 'post', `${at}/queues`, {
    name: '"><svg onload=hurt=1> by words',
    instructions: '',
    rule: {
      strategy: 'random',
      rate: 1,
      filters: {
        text: '<img src=x onerror=hurt=1>',
        groupId: '"><svg onload=hurt=1>',
        slice: { name: '<svg onload=hurt=1>', value: '"><img src=x onerror=hurt=1>' },
      },
    },
  })
  const sentBack = await send(context, 'post', `${at}/queues`, {
    name: 'Sent back',
    instructions: '',
    rule: { strategy: 'random', rate: 1 },
  })
  const again = await send(context, 'post', `${at}/queues/${sentBack.id}/claim`, { sessionId, count: 1 })
  await send(context, 'post', `${at}/queues/${sentBack.id}/events`, {
    events: [
      {
        id: uuidv7(),
        assignmentId: again.held[0].assignmentId,
        token: again.held[0].token,
        type: 'submitted',
        texts: [{ text: texts[0] }],
        comment: '"><svg onload=hurt=1>',
      },
    ],
  })
  const returned = await send(context, 'post', `${at}/queues/${sentBack.id}/acts`, {
    acts: [{ id: uuidv7(), type: 'returned', entryId: again.held[0].entryId, note: lines }],
  })
  expect(returned.acts[0].status).toBe('stored')
  // The guideline, its reasons and its note, and a precedent of what was just answered.
  await send(context, 'post', `${at}/specification/versions`, {
    base: 1,
    markdown: texts.join('\n\n').slice(0, 30_000),
    schema: { reasons: [{ code: 'hostile', words: '"><svg onload=hurt=1>' }] },
    mapping: Object.fromEntries(
      ['wrong-fact', 'unsafe', 'tone', 'does-not-answer', 'too-vague'].map(code => [code, null]),
    ),
    note: '"><img src=x onerror=hurt=1>',
  })
  await send(context, 'post', `${at}/precedents`, {
    entryId: held[0].entryId,
    explanation: texts.join('\n').slice(0, 1900),
    reasons: ['hostile'],
  })
  // A known truth, in a curator's words, of an item that the queue does not hold in anybody's hands.
  const grounds = await (await context.request.get(`${origin}/api/v1${at}/gold/items?limit=20`)).json()
  const ground = grounds.items.at(-1)
  await send(context, 'post', `${at}/gold`, {
    itemId: ground.itemId,
    verdicts: ground.candidates.map((candidate: { candidateId: string }) => ({
      candidateId: candidate.candidateId,
      verdict: 'wrong',
      reasons: ['hostile'],
    })),
    texts: texts.slice(0, 3).map(text => ({ text })),
    explanation: texts.join('\n').slice(0, 3900),
  })
  const dataset = await send(context, 'post', `${at}/datasets`, {
    name: '"><svg onload=hurt=1> kept',
    slug: 'kept',
    description: texts.join('\n').slice(0, 1900),
  })
  expect(dataset.slug).toBe('kept')

  // Settings, keys, invites.
  await send(context, 'patch', `${at}/settings`, {
    guardrails: { blockedPatterns: ['<plaintext onload=hurt=1>', '"><iframe onload=hurt=1>'] },
  })
  for (const text of ['<svg onload=hurt=1>', '"><img src=x onerror=hurt=1>'])
    await send(context, 'post', `${at}/keys`, { name: text, scope: 'read' })
  await send(context, 'post', `${at}/invites`, {
    role: 'viewer',
    email: "a'onload=hurt=1@evil.example",
  }).catch(() => null)
  return {
    slug: slug as string,
    name,
    items: items as { id: string }[],
    queueId: queue.id as string,
    searchedId: searched.id as string,
    sentBackId: sentBack.id as string,
    importId: upload.id as string,
  }
}

test('the texts do run in a page that is careless with them', async ({ browser }) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const ran = []
  for (const { kind, text } of hostileTexts) {
    await page.goto('about:blank')
    await page.setContent(
      `<title>${text}</title><p>${text}</p><input value="${text}"><a href='${text}'>x</a>`,
      {
        waitUntil: 'domcontentloaded',
      },
    )
    const hurt = () => page.evaluate(() => 'hurt' in window)
    if (
      await expect
        .poll(hurt, { timeout: 250 })
        .toBe(true)
        .then(
          () => true,
          () => false,
        )
    )
      ran.push(kind)
  }
  expect(ran.length).toBeGreaterThan(15)
  await context.close()
})

test('texts that want to be scripts are shown as they are, on every page that shows them', async ({
  page,
  context,
}) => {
  test.setTimeout(240_000)
  await signInAsOwner(context)
  const project = await hostileProject(context)
  const nothingRan = await watch(page)
  const main = page.getByRole('main')

  await page.goto(`/p/${project.slug}/inbox`)
  const threads = page.getByRole('navigation', { name: 'Threads' })
  await expect(threads.getByRole('link')).toHaveCount(texts.length)
  const listed = seen((await threads.textContent()) ?? '')
  for (const text of texts) expect(listed, 'a subject in the list').toContain(seen(text).slice(0, 40))
  await nothingRan()
  // Each thread: the message, its subject and its author as they came, the suggestions, the reply that was kept.
  for (const at of project.items.keys()) {
    await threads.getByRole('link').nth(at).click()
    await expect(threads.getByRole('link').nth(at)).toHaveAttribute('aria-current', /true|page/)
    const heading = page.getByRole('heading', { level: 1 })
    await expect(async () => {
      const subject = seen((await heading.textContent()) ?? '')
      expect(texts.map(seen)).toContain(subject)
      expect(seen((await main.textContent()) ?? '').split(subject).length).toBeGreaterThan(2)
    }).toPass({ timeout: 10_000 })
  }
  await nothingRan()

  for (const path of [
    'my-history',
    'models',
    'members',
    'history',
    'settings',
    'settings/inspector',
    'import',
    'learned',
    'queues',
    'specification',
    'specification?version=2',
    `queues/${project.queueId}`,
    'queues/gold',
    `queues/${project.queueId}/manage?list=resolved`,
    `queues/${project.searchedId}/manage`,
    `queues/${project.sentBackId}`,
    'datasets',
    'datasets/kept',
  ]) {
    await page.goto(`/p/${project.slug}/${path}`)
    await expect(main).toBeVisible()
    await nothingRan()
  }
  await page.goto(`/p/${project.slug}/settings`)
  await expect(page.getByLabel('Project name')).toHaveValue(project.name)
  await expect(page.getByLabel('Blocked words')).toHaveValue(/<plaintext onload=hurt=1>/)
  await expect(page.getByRole('cell', { name: '<svg onload=hurt=1>' })).toBeVisible()
  await page.goto(`/p/${project.slug}/models`)
  await expect(page.getByText('"><img src=x onerror=hurt=1>').first()).toBeVisible()
  await page.goto(`/p/${project.slug}/import`)
  await expect(page.getByText('"><svg onload=hurt=1>.csv').first()).toBeVisible()
  await page.getByText('"><svg onload=hurt=1>.csv').first().click()
  await nothingRan()

  await page.goto(`/p/${project.slug}/queues/${project.queueId}`)
  await expect(page.getByText('<img src=x onerror=hurt=1> to review').first()).toBeVisible()
  const past = page.getByRole('list', { name: 'What I did in this queue' })
  await expect(past).toContainText(seen(texts[0] ?? '').slice(0, 20))
  await page.goto(`/p/${project.slug}/datasets/kept`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('"><svg onload=hurt=1> kept')
  await page.goto(`/p/${project.slug}/learned`)
  await expect(main).toContainText(seen(texts[9] ?? '').slice(0, 20))
  await nothingRan()

  await page.goto(`/p/${project.slug}/feedback`)
  const table = seen((await page.getByRole('table').textContent()) ?? '')
  expect(texts.filter(text => table.includes(seen(text))).length).toBeGreaterThan(texts.length - 8)
  await page.getByRole('table').getByRole('link').first().click()
  await expect(page).toHaveURL(/item=|\?/)
  await nothingRan()

  // Words that come back through the address.
  for (const text of texts.slice(0, 12)) {
    await page.goto(`/p/${project.slug}/feedback?text=${encodeURIComponent(text)}`)
    await expect(page.getByLabel('Words in the item or the text kept')).toHaveValue(text.trim())
  }
  await page.goto(`/sign-in?next=${encodeURIComponent('javascript:hurt=1')}`)
  await page.goto(`/new?project=${encodeURIComponent('"><img src=x onerror=hurt=1>')}`)
  await nothingRan()
})

test('words typed into the page are words in the page', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
  await signInAsOwner(context)
  const { slug } = await send(context, 'post', '/projects', {
    name: 'Typed',
    slug: `typed-${randomUUID().slice(0, 8)}`,
    taskType: 'smart-reply',
  })
  await agree(context, slug)
  const nothingRan = await watch(page)
  await page.goto(`/p/${slug}/inbox`)
  const exposureId = uuidv7()
  const payload = {
    subject: 'Hi',
    messages: [{ author: 'A', fromMe: false, sentAt: null, text: 'Are you free on Friday?' }],
  }
  await send(context, 'post', `/projects/${slug}/exposures`, {
    exposureId,
    sessionId: randomUUID(),
    item: { payload },
    reason: 'not-asked',
  })
  await page.goto(`/p/${slug}/inbox`)
  await page.getByRole('navigation', { name: 'Threads' }).getByRole('link').first().click()
  const field = page.getByLabel('Your reply')
  for (const text of texts) {
    await field.fill(text)
    await expect(field).toHaveValue(text)
  }
  await field.fill('<img src=x onerror=hurt=1>')
  await page.getByRole('button', { name: /^Copy/ }).click()
  await expect(page.getByRole('article', { name: 'Your reply' })).toContainText('<img src=x onerror=hurt=1>')
  await nothingRan()
})

test('what annotators wrote and what an adjudicator types are words on the page that settles it', async ({
  page,
  context,
  playwright,
}) => {
  test.slow()
  await signInAsOwner(context)
  const { slug } = await send(context, 'post', '/projects', {
    name: 'Settled',
    slug: `settled-${randomUUID().slice(0, 8)}`,
    taskType: 'smart-reply',
  })
  const at = `/projects/${slug}`
  await agree(context, slug)
  const { key } = await send(context, 'post', `${at}/keys`, { name: 'Annotator', scope: 'write' })
  const annotator = await playwright.request.newContext({
    extraHTTPHeaders: { authorization: `Bearer ${key}` },
  })
  const items = await annotator.post(`${origin}/api/v1${at}/items`, {
    data: {
      items: texts.slice(0, 2).map(text => ({
        payload: { subject: text, messages: [{ author: text, fromMe: false, sentAt: null, text }] },
      })),
    },
  })
  expect(items.ok(), await items.text()).toBe(true)
  const queue = await send(context, 'post', `${at}/queues`, {
    name: '<svg onload=hurt=1> to settle',
    instructions: '"><img src=x onerror=hurt=1>',
    rule: { strategy: 'random', rate: 1 },
  })
  const post = async (path: string, data: unknown) => {
    const answer = await annotator.post(`${origin}/api/v1${at}/queues/${queue.id}/${path}`, { data })
    expect(answer.ok(), await answer.text()).toBe(true)
    return answer.json()
  }
  await expect
    .poll(
      async () =>
        (await (await context.request.get(`${origin}/api/v1${at}/queues/${queue.id}`)).json()).jobId,
    )
    .toBeNull()
  const { held } = await post('claim', { sessionId: randomUUID(), count: 2 })
  expect(held).toHaveLength(2)
  for (const item of held) {
    await post('events', {
      events: [
        {
          id: uuidv7(),
          assignmentId: item.assignmentId,
          token: item.token,
          type: 'submitted',
          texts: texts.slice(0, 8).map(text => ({ text })),
          comment: texts.join(' ').slice(0, 3900),
        },
      ],
    })
    await send(context, 'post', `${at}/queues/${queue.id}/acts`, {
      acts: [{ id: uuidv7(), type: 'escalated', entryId: item.entryId, note: '<svg onload=hurt=1>' }],
    })
  }
  await annotator.dispose()

  const nothingRan = await watch(page)
  await page.goto(`/p/${slug}/adjudicate`)
  const cards = page.getByRole('list', { name: 'Answers' })
  for (const text of texts.slice(0, 8)) await expect(cards).toContainText(seen(text).slice(0, 40))
  await page.getByRole('button', { name: 'Send back' }).click()
  const note = page.getByRole('textbox', { name: 'Note to the annotators' })
  for (const text of texts) {
    await note.fill(text)
    await expect(note).toHaveValue(text)
  }
  await note.fill('"><img src=x onerror=hurt=1>')
  await page.keyboard.press('Control+Enter')
  const settled = page.getByRole('list', { name: 'What I settled' })
  await expect(settled).toContainText('"><img src=x onerror=hurt=1>')
  await page.getByRole('button', { name: 'Write the answer' }).click()
  const final = page.getByRole('textbox', { name: /^Final answer/ })
  for (const text of texts) {
    await final.fill(text)
    await expect(final).toHaveValue(text)
  }
  await final.fill('<svg onload=hurt=1> settled')
  await page.keyboard.press('Control+Enter')
  await expect(settled).toContainText('<svg onload=hurt=1> settled')
  await nothingRan()
  await page.goto(`/p/${slug}/queues/${queue.id}/agreement`)
  await nothingRan()
})

test('photos: names and captions are words, and a download never runs', async ({ page, context }) => {
  await signInAsOwner(context)
  const { slug } = await send(context, 'post', '/projects', {
    name: 'Photos',
    slug: `photos-${randomUUID().slice(0, 8)}`,
    taskType: 'image-caption',
  })
  await agree(context, slug)
  const nothingRan = await watch(page)
  await page.goto(`/p/${slug}/album`)
  const names = ['<img src=x onerror=hurt=1>.jpg', '"><svg onload=hurt=1>.jpg', "'onerror='hurt=1.jpg"]
  const buffer = await readFile('db/seed/photos/two-dogs.jpg')
  for (const name of names)
    await page.getByLabel('Photos from this device').setInputFiles({ name, mimeType: 'image/jpeg', buffer })
  for (const name of names)
    await expect(page.getByRole('img', { name, exact: true })).toBeVisible({ timeout: 20_000 })
  const photo = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('img', { name: names[0], exact: true }) })
  await photo.getByRole('button', { name: /Edit|Write one/ }).click({ timeout: 20_000 })
  await photo.getByRole('textbox').fill('<svg onload=hurt=1> two dogs')
  await photo.getByRole('textbox').press('Control+Enter')
  await expect(photo).toContainText('<svg onload=hurt=1> two dogs')
  const history = `${origin}/api/v1/projects/${slug}/my-history`
  await expect
    .poll(async () => (await (await context.request.get(history)).json()).entries.length)
    .toBeGreaterThan(0)
  await page.reload()
  await expect(photo).toContainText('<svg onload=hurt=1> two dogs')
  await nothingRan()

  const source = (await photo.getByRole('img').getAttribute('src')) ?? ''
  const picture = await context.request.get(source)
  expect(picture.headers()).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  })
  for (const path of ['feedback/export?format=jsonl', 'feedback/export?format=csv', 'my-data']) {
    const answer = await context.request.get(`${origin}/api/v1/projects/${slug}/${path}`)
    expect([path, answer.status()]).toEqual([path, 200])
    expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/)
    expect(answer.headers()['x-content-type-options']).toBe('nosniff')
    expect(answer.headers()['content-security-policy']).toContain("default-src 'none'")
  }
})
