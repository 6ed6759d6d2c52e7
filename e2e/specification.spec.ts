import type { APIRequestContext, BrowserContext } from '@playwright/test'
import { v7 as uuidv7 } from 'uuid'
import type { ClaimAnswer, QueueView } from '@/contract/v1/review'
import type { SpecificationView } from '@/contract/v1/specification'
import { agree, expect, expectAccessible, expectNoSideways, signInAs, test } from './fixtures'

const origin = process.env.BASE_URL ?? 'http://localhost:3000'
const at = `${origin}/api/v1/projects/demo`
const headers = { origin }

async function ask<T>(
  context: BrowserContext,
  method: 'get' | 'post',
  path: string,
  data?: unknown,
): Promise<T> {
  const request: APIRequestContext = context.request
  const answer = await request[method](`${at}${path}`, { headers, ...(data ? { data } : {}) })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return answer.json()
}

/** A queue of all items in which the annotator has answered this many, each with a wrong suggestion for this reason. */
async function answeredQueue(
  curator: BrowserContext,
  annotator: BrowserContext,
  reason: string,
  count: number,
) {
  const queue = await ask<QueueView>(curator, 'post', '/queues', {
    name: `Guideline ${Date.now()}`,
    rule: { strategy: 'random', rate: 1 },
    overlap: 1,
  })
  await expect
    .poll(async () => (await ask<QueueView>(curator, 'get', `/queues/${queue.id}`)).jobId, {
      timeout: 30_000,
    })
    .toBeNull()
  for (let done = 0; done < count; ) {
    const claim = await ask<ClaimAnswer>(annotator, 'post', `/queues/${queue.id}/claim`, {
      sessionId: uuidv7(),
      count: 1,
    })
    const [item] = claim.held
    if (!item) throw new Error('no more items')
    const judged = item.candidates.length > 0
    await ask(annotator, 'post', `/queues/${queue.id}/events`, {
      events: [
        {
          id: uuidv7(),
          assignmentId: item.assignmentId,
          token: item.token,
          ...(judged
            ? {
                type: 'submitted',
                verdicts: item.candidates.map(c => ({
                  candidateId: c.id,
                  verdict: 'wrong',
                  reasons: [reason],
                })),
              }
            : { type: 'skipped', reason: 'cannot-judge' }),
        },
      ],
    })
    if (judged) done += 1
  }
  return queue
}

test('a curator renames one reason and merges another, has its items judged again, and takes it all back', async ({
  page,
  context,
  browser,
}) => {
  await signInAs(context, 'curator')
  const people = await browser.newContext()
  await signInAs(people, 'annotator')
  await agree(people)
  const before = await ask<SpecificationView>(context, 'get', '/specification/versions/latest')
  const [renamed, , , , removed] = before.reasons
  if (!renamed || !removed) throw new Error('the demo has fewer reasons than five')
  const queue = await answeredQueue(context, people, removed.code, 2)

  await page.goto('/p/demo/specification')
  await page.getByRole('button', { name: 'Edit the guideline' }).click()
  await page.getByRole('textbox', { name: 'Guideline' }).fill('# Be brief\n\nSay **when**.')
  await expect(page.getByRole('region', { name: 'As it is read' }).locator('strong')).toHaveText('when')
  await page.getByRole('textbox', { name: 'Reason 1', exact: true }).fill('Not true')
  await page.getByRole('textbox', { name: 'Reason 2', exact: true }).press('Alt+ArrowDown')
  await page.getByRole('button', { name: 'Remove reason 5' }).click()
  const impact = page.getByRole('region', { name: 'What this touches' })
  await expect(impact).toContainText(`“${removed.words}” is removed.`)
  await expect(page.getByRole('button', { name: 'Publish version' })).toHaveAttribute('aria-disabled', 'true')
  await page
    .getByRole('combobox', { name: `Answers with “${removed.words}” are read as` })
    .selectOption('Not true')
  await impact.getByRole('checkbox', { name: /back to be judged again$/ }).check()
  await expect(impact.getByRole('status')).toContainText(`as “Not true”`)
  await expect(impact.getByRole('status')).toContainText('back to be judged again')
  await page.getByRole('textbox', { name: 'What changed' }).fill('Vague is not true.')
  for (const theme of ['light', 'dark'] as const) await expectAccessible(page, theme)
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideways(page)
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.getByRole('button', { name: 'Publish version' }).click()
  const notices = page.getByRole('list', { name: 'Notices (F8)' })
  await expect(notices).toContainText('is published. Items are being sent back.')
  await expect(page.getByRole('status').filter({ hasText: 'went back to be judged again.' })).toBeVisible({
    timeout: 30_000,
  })
  await expect(page.getByRole('list').filter({ hasText: 'Vague is not true.' })).toContainText(
    `“${renamed.words}” is called “Not true”.`,
  )

  // The annotator reads the new words, and has the item again, with a draft that lost what there is no more.
  const reader = await people.newPage()
  await reader.goto('/p/demo/specification')
  await expect(reader.getByRole('heading', { name: 'Be brief' })).toBeVisible()
  await expect(reader.getByRole('button', { name: 'Edit the guideline' })).toHaveCount(0)
  const again = await ask<ClaimAnswer>(people, 'post', `/queues/${queue.id}/claim`, {
    sessionId: uuidv7(),
    count: 1,
  })
  expect(again.specification.reasons.map(reason => reason.words)).toContain('Not true')
  expect(again.specification.reasons.map(reason => reason.code)).not.toContain(removed.code)
  const claimed = await ask<QueueView>(context, 'get', `/queues/${queue.id}`)
  expect(claimed.resolved).toBe(0)
  await ask(people, 'post', '/assignments/release', {
    assignments: again.held.map(item => ({ id: item.assignmentId, token: item.token })),
  })

  // Undo from the history brings back the words, and the answers where nobody works on the item.
  await page.goto('/p/demo/history')
  await page
    .getByRole('listitem')
    .filter({ hasText: 'of the guideline' })
    .first()
    .getByRole('button', { name: /^Undo/ })
    .click()
  await expect
    .poll(async () => (await ask<QueueView>(context, 'get', `/queues/${queue.id}`)).resolved, {
      timeout: 30_000,
    })
    .toBe(2)
  await page.goto('/p/demo/specification')
  await expect(page.getByText(`Brings back version ${before.version}.`)).toBeVisible()
  await expect(page.getByText(removed.code, { exact: true }).first()).toBeVisible()
  await people.close()
})

test('hostile Markdown stays text: nothing runs, nothing is loaded from elsewhere', async ({
  page,
  context,
}) => {
  await signInAs(context, 'curator')
  const asked: string[] = []
  page.on('request', request => {
    if (new URL(request.url()).hostname === 'evil.example') asked.push(request.url())
  })
  page.on('dialog', dialog => void dialog.dismiss().then(() => asked.push('a dialog')))
  const now = await ask<SpecificationView>(context, 'get', '/specification/versions/latest')
  const hostile = [
    '<script>window.hurt = 1</script>',
    '<img src=x onerror="window.hurt=1">',
    '[press me](javascript:window.hurt=1)',
    '[data](data:text/html,<script>window.hurt=1</script>)',
    '![picture](https://evil.example/pixel.png)',
    '<iframe src="https://evil.example"></iframe>',
    '[ref]: javascript:window.hurt=1',
    '[by reference][ref]',
  ].join('\n\n')
  await ask(context, 'post', '/specification/versions', {
    base: now.version,
    markdown: hostile,
    schema: {
      reasons: [...now.reasons.slice(0, 4), { code: 'hostile', words: '<img src=x onerror=window.hurt=1>' }],
    },
    mapping: Object.fromEntries(now.reasons.slice(4).map(reason => [reason.code, null])),
    note: '<b onclick="window.hurt=1">bold</b>',
  })
  await page.goto(`/p/demo/specification?version=${now.version + 1}`)
  await expect(page.getByText('press me').first()).toBeVisible()
  await page.getByText('press me').first().click()
  await page.getByRole('button', { name: 'Edit the guideline' }).click()
  await expect(page.getByRole('region', { name: 'As it is read' })).toContainText('press me')
  expect(await page.evaluate(() => 'hurt' in window)).toBe(false)
  expect(
    await page
      .locator('#content iframe, #content img, #content a[href^="javascript"], #content a[href^="data"]')
      .count(),
  ).toBe(0)
  expect(asked).toEqual([])
  const actions = await ask<{ actions: { id: string; kind: string }[] }>(context, 'get', '/actions?limit=1')
  await ask(context, 'post', `/actions/${actions.actions[0]?.id}/undo`)
})
