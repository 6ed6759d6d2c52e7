import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeEvaluation } from '@/test/evaluation-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { readOdds } from './read-odds'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const metric = { id: 'm', label: 'M', describes: 'x', higherIsBetter: true, kind: 'share' } as const
const rowsOf = (lang: string, right: boolean, shown: number, n: number) =>
  Array.from({ length: n }, (_, at) => ({
    raw: { m: right ? 1 : 0 },
    right,
    slices: { lang, length: at, 'saved slice: Half': at % 2 === 0 },
    unsafe: at < shown ? [] : ['blocked-term'],
  }))

it('tells how often right and wrong suggestions reach each group, and where it is too few to tell', async () => {
  const project = await makeTestProject()
  const curator = await project.scope('curator')
  expect(await readOdds(curator)).toMatchObject({ measured: null, groups: [] })
  await decide(project, await project.scope('contributor'))
  const allTest = { rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' } }
  const { id: datasetVersionId } = await freezeNow(curator, (await makeTestDataset(curator, allTest)).slug)
  const evaluate = (rows: ReturnType<typeof rowsOf>) =>
    makeEvaluation(project, {
      versionId: project.pushedVersionId,
      datasetVersionId,
      metrics: [metric],
      rows,
    })
  // The gaps of the published example: true positive rates .75 and .50, false positive rates .25 and 0.
  await evaluate([
    ...rowsOf('de', true, 30, 40),
    ...rowsOf('de', false, 10, 40),
    ...rowsOf('en', true, 20, 40),
    ...rowsOf('en', false, 0, 40),
  ])
  const { measured, groups } = await readOdds(curator)
  expect(measured).toMatchObject({ n: 160, split: 'test' })
  expect(groups.filter(group => group.slice.startsWith('lang='))).toMatchObject([
    {
      slice: 'lang=de',
      n: 80,
      rightShown: { value: 0.75, n: 40 },
      wrongShown: { value: 0.25, n: 40 },
      gap: 0.25,
      verdict: 'apart',
    },
    { slice: 'lang=en', rightGap: { value: -0.25 }, wrongGap: { value: -0.25 }, verdict: 'apart' },
  ])
  // A slice that people drew by what they decided is no group of people.
  expect(groups.filter(group => group.slice.startsWith('saved'))).toEqual([])
  // Newcombe by hand: Wilson of 30/40 is .5981 to .8581, of 20/40 .3520 to .6480; √(.1519² + .1480²) = .2120, √(.1081² + .1480²) = .1833.
  expect(groups[0]?.rightGap?.low).toBeCloseTo(0.25 - 0.212, 3)
  expect(groups[0]?.rightGap?.high).toBeCloseTo(0.25 + 0.1833, 3)

  await evaluate([
    ...rowsOf('de', true, 20, 29),
    ...rowsOf('de', false, 10, 40),
    ...rowsOf('en', true, 20, 40),
    ...rowsOf('en', false, 0, 40),
  ])
  expect((await readOdds(curator)).groups.find(group => group.slice === 'lang=de')).toMatchObject({
    verdict: 'insufficient',
    gap: null,
    rightGap: null,
  })
})
