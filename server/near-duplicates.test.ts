import { expect, it } from 'vitest'
import { NearDuplicates } from './near-duplicates'

async function clusterOf(texts: readonly string[]) {
  const index = new NearDuplicates()
  for (const text of texts) await index.add({ text })
  return index.cluster(async owners => new Map(owners.map(owner => [owner, texts[owner] as string])))
}

const words =
  'amber birch cedar delta ember fjord grove heron inlet jetty knoll larch maple north otter pearl quail ridge stone trail'.split(
    ' ',
  )
/** A text of its own for each number. */
const textOf = (n: number) =>
  Array.from(
    { length: 12 },
    (_, at) => `${words[(n * (at * 7 + 3) + (n >> (at % 9)) + at) % words.length]}${(n >> at) % 7}`,
  ).join(' ')

it('finds planted copies among thousands, blocks nobody for long, and leaves the others alone', async () => {
  const texts = Array.from({ length: 5000 }, (_, n) => textOf(n))
  for (const n of [17, 1234, 4000]) texts.push(`${texts[n]}!`)
  let longest = 0
  let last = performance.now()
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 5)
    last = performance.now()
  }, 5)
  const first = await clusterOf(texts)
  clearInterval(watch)
  expect([5000, 5001, 5002].map(at => first[at])).toEqual([17, 1234, 4000].map(n => first[n]))
  expect(longest).toBeLessThan(200)
})

it('binds thousands of equal texts together without comparing each with each', async () => {
  const first = await clusterOf(
    Array.from({ length: 3000 }, () => 'The very same words in every one of them.'),
  )
  expect(new Set(first)).toEqual(new Set([0]))
})

it('takes pictures within the limit for one, also through others, and inputs without words for nothing', async () => {
  const index = new NearDuplicates()
  for (const picture of ['0000000000000000', '00000000000000ff', '000000000000ffff', 'ffffffff00000000'])
    await index.add({ picture })
  await index.add({ text: '' })
  await index.add({ text: ' ' })
  await index.add(null)
  expect([...(await index.cluster(async () => new Map()))]).toEqual([0, 0, 0, 3, 4, 5, 6])
})
