import { randomUUID } from 'node:crypto'
import type { BrowserContext, Page } from '@playwright/test'
import type { GoldGroundPage } from '@/contract/v1/gold'
import type { QueueView } from '@/contract/v1/review'
import { expect, expectAccessible, expectNoSideways, shiftClock, signInAs, test } from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const at = `${origin}/api/v1/projects/demo`

async function ask(context: BrowserContext, method: 'post' | 'patch', path: string, data: unknown) {
  const answer = await context.request[method](`${at}${path}`, { data, headers: { origin } })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return answer.json()
}

const title = (page: Page) => page.locator('#item-title')
const suggestions = (page: Page) => page.getByRole('group', { name: /^Suggestion( \d)?$/ })

/** Judges every suggestion of the item at hand alike, and saves. */
async function judgeAll(page: Page, key: 'a' | 'x', save: string): Promise<void> {
  await expect(suggestions(page).first()).toBeVisible()
  const many = await suggestions(page).count()
  for (let place = 0; place < many; place += 1) {
    const one = suggestions(page).nth(place)
    await one.getByRole('button', { name: key === 'a' ? 'Good' : 'Wrong' }).click()
    if (key === 'x')
      await page
        .getByRole('group', { name: /^What is wrong with/ })
        .getByRole('button')
        .first()
        .click()
  }
  await page.getByRole('button', { name: save }).click()
}

test('known truths: set by a curator, practised on, planted, told a day later, and counted for the curator', async ({
  browser,
}) => {
  test.setTimeout(120_000)
  const curator = await browser.newContext()
  const annotator = await browser.newContext()
  await signInAs(curator, 'curator')
  await signInAs(annotator, 'annotator')

  // One truth by hand, on the page; all its suggestions are wrong.
  const desk = await curator.newPage()
  await desk.goto('/p/demo/queues/gold')
  const nav = desk.getByRole('navigation', { name: 'Project' })
  await expect(nav.locator('[aria-current=page]')).toHaveText('Gold')
  const others = desk.getByRole('list', { name: 'Other items' })
  await others
    .getByRole('button', { name: /^Judge / })
    .first()
    .click()
  const form = desk.getByRole('form', { name: /^What is true of/ })
  const words = `A greeting is no answer, ${randomUUID().slice(0, 8)}.`
  for (const verdict of await form.getByRole('combobox').all()) await verdict.selectOption('wrong')
  for (const part of await form.getByRole('group').all()) await part.getByRole('checkbox').first().check()
  await form.getByRole('button', { name: 'Add an acceptable answer' }).click()
  await form.getByRole('textbox', { name: 'Acceptable answer' }).fill('Yes, on Tuesday.')
  await form.getByRole('textbox', { name: 'Explanation' }).fill(words)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(desk, theme)
  await desk.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(desk)
  await desk.setViewportSize({ width: 1280, height: 860 })
  await form.getByRole('button', { name: 'Set for practice' }).click()
  await expect(desk.getByRole('list', { name: 'Gold items' })).toContainText(words)

  // Every other practice item is as wrong, so that what the annotator says decides the round.
  const { items } = (await (await curator.request.get(`${at}/gold/items?limit=20`)).json()) as GoldGroundPage
  const allWrong = (candidates: GoldGroundPage['items'][number]['candidates']) =>
    candidates.map(({ candidateId }) => ({ candidateId, verdict: 'wrong', reasons: ['does-not-answer'] }))
  const gold = await (await curator.request.get(`${at}/gold?limit=100`)).json()
  for (const one of gold.items)
    if (one.retiredAt === null)
      await ask(curator, 'patch', `/gold/${one.itemId}`, {
        verdicts: allWrong(one.candidates),
        explanation: words,
      })
  if (items[0])
    await ask(curator, 'post', '/gold', {
      itemId: items[0].itemId,
      use: 'measure',
      verdicts: allWrong(items[0].candidates),
      explanation: words,
    })
  const queue = (await ask(curator, 'post', '/queues', {
    name: `Known truths ${Date.now()}`,
    rule: { strategy: 'random', rate: 1 },
    overlap: 1,
    instructions: '',
    policy: { practiceItems: 2, practicePass: 1 },
  })) as QueueView

  const read = async () => (await (await curator.request.get(`${at}/queues/${queue.id}`)).json()) as QueueView
  await expect.poll(async () => (await read()).jobId, { timeout: 30_000 }).toBeNull()

  // A failed round, told why each time, then one that is passed.
  const page = await annotator.newPage()
  await page.goto(`/p/demo/queues/${queue.id}`)
  await judgeAll(page, 'a', 'Check my answer')
  const feedback = page.getByRole('region', { name: 'How your answer compares' })
  await expect(feedback).toContainText('Not as expected.')
  await expect(feedback).toContainText(words)
  // Its author knows now what is right: there is no way back, and none is offered.
  await expect(page.getByText('Practice: it stays. The next round is a new try.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0)
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.keyboard.press('Control+Enter')
  await judgeAll(page, 'a', 'Check my answer')
  await expect(feedback).toContainText('not passed yet')
  await page.keyboard.press('Control+Enter')
  for (const last of [false, true]) {
    await judgeAll(page, 'x', 'Check my answer')
    await expect(feedback).toContainText('Right.')
    if (last) await expect(feedback).toContainText('2 of 2 right: passed.')
    await page.keyboard.press('Control+Enter')
  }

  // From here on ordinary items, and hidden among them gold.
  await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
  await ask(curator, 'patch', `/queues/${queue.id}`, { policy: { goldRate: 0.5 } })
  for (let n = 0; n < 8; n += 1) {
    const now = (await title(page).textContent()) ?? ''
    // A model has nothing to say of some: those are left to others.
    await expect(page.getByRole('button', { name: 'Save and next' })).toBeVisible()
    if ((await suggestions(page).count()) === 0) await page.keyboard.press('s')
    else await judgeAll(page, 'a', 'Save and next')
    await expect(title(page)).not.toHaveText(now)
  }
  await desk.goto(`/p/demo/queues/${queue.id}/people`)
  const mine = desk.getByRole('row').filter({ hasText: '2 right of 2, round 2' })
  await expect(mine).toContainText('passed')
  await expect(mine).toContainText(/0\s% \[0\s%, [\d.]+\s%\], n = \d+, too few to tell/)

  // One's own figures tell of it a day later.
  await page.goto('/p/demo/my-figures')
  await expect(page.getByRole('main')).not.toContainText(words)
  await shiftClock('25 hours')
  await page.reload()
  await expect(page.getByRole('region', { name: 'To learn from' })).toContainText(words)
  await expect(page.getByRole('region', { name: 'To learn from' })).toContainText('You: Good. Known: Wrong.')
  await curator.close()
  await annotator.close()
})
